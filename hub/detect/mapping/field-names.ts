// Where a Sigma rule's field is found in an event: by its own name first, then under the names listed here, in order.
// The right-hand names are ECS (config/fields/registry.ts) or names that a decoder leaves as extras. Mappings belong to a
// log source, because `user` of a web log and `user` of a firewall are different things.
import type { EventKind } from '../../../config/fields/kinds.ts';

type Names = Readonly<Record<string, readonly string[]>>;

const webserver: Names = {
  'c-uri': ['url.original'],
  'c-uri-query': ['url.query'],
  'c-uri-stem': ['url.path'],
  'c-uri-extension': ['url.extension'],
  'cs-uri': ['url.original'],
  'cs-uri-query': ['url.query'],
  'cs-uri-stem': ['url.path'],
  'cs-method': ['http.request.method'],
  'cs-user-agent': ['user_agent.original'],
  'c-useragent': ['user_agent.original'],
  'cs-referer': ['http.request.referrer'],
  'cs-referrer': ['http.request.referrer'],
  'cs-host': ['url.domain'],
  'cs-username': ['user.name'],
  'cs-bytes': ['http.request.bytes'],
  'cs-version': ['http.version'],
  'sc-status': ['http.response.status_code'],
  'sc-bytes': ['http.response.body.bytes'],
  'c-ip': ['source.ip'],
  's-ip': ['destination.ip'],
  's-port': ['destination.port'],
  'r-dns': ['url.domain'],
  src_ip: ['source.ip'],
};

const firewall: Names = {
  src_ip: ['source.ip'],
  src_port: ['source.port'],
  dst_ip: ['destination.ip'],
  dst_port: ['destination.port'],
  action: ['event.action', 'event.outcome'],
  protocol: ['network.transport'],
  blocked: ['event.outcome'],
};

const linux: Names = {
  Image: ['process.executable'],
  CommandLine: ['process.command_line'],
  CurrentDirectory: ['process.working_directory'],
  ParentImage: ['process.parent.executable'],
  ParentCommandLine: ['process.parent.command_line'],
  ProcessId: ['process.pid'],
  ParentProcessId: ['process.parent.pid'],
  User: ['user.name'],
  LogonId: ['user.id'],
  TargetFilename: ['file.path'],
  DestinationIp: ['destination.ip'],
  DestinationPort: ['destination.port'],
  DestinationHostname: ['destination.domain'],
  SourceIp: ['source.ip'],
  SourcePort: ['source.port'],
  Initiated: ['network.direction'],
  USER: ['user.name'],
  PWD: ['process.working_directory'],
  COMMAND: ['process.command_line'],
  name: ['file.path'],
  exe: ['process.executable'],
  comm: ['process.name'],
  // Records of the audit system. An event has many, so a rule asks which there are.
  type: ['atalaia.record_types'],
  a0: ['auditd.a0'],
  a1: ['auditd.a1'],
  a2: ['auditd.a2'],
  a3: ['auditd.a3'],
  a4: ['auditd.a4'],
  a5: ['auditd.a5'],
  a6: ['auditd.a6'],
  a7: ['auditd.a7'],
  SYSCALL: ['auditd.syscall'],
  syscall: ['auditd.syscall', 'auditd.syscall_number'],
  key: ['auditd.key'],
  nametype: ['auditd.nametype'],
  unit: ['service.name'],
  uid: ['user.id', 'auditd.uid'],
  euid: ['user.effective.id'],
  auid: ['auditd.auid'],
};

const windows: Names = {
  Image: ['NewProcessName', 'process.executable'],
  CommandLine: ['ProcessCommandLine', 'process.command_line'],
  ParentImage: ['ParentProcessName', 'process.parent.executable'],
  ParentCommandLine: ['process.parent.command_line'],
  CurrentDirectory: ['process.working_directory'],
  User: ['SubjectUserName', 'user.name'],
  LogonId: ['SubjectLogonId'],
  ProcessId: ['process.pid'],
  TargetFilename: ['file.path'],
  DestinationIp: ['destination.ip'],
  DestinationPort: ['destination.port'],
  DestinationHostname: ['destination.domain'],
  SourceIp: ['source.ip'],
  SourcePort: ['source.port'],
  QueryName: ['dns.question.name'],
  TargetObject: ['registry.path'],
  EventID: ['event.code'],
  Provider_Name: ['event.provider'],
  Computer: ['host.name'],
  ComputerName: ['host.name'],
  ScriptBlockText: ['powershell.file.script_block_text'],
};

const dns: Names = {
  query: ['dns.question.name'],
  record_type: ['dns.question.type'],
  answer: ['dns.answers.data'],
  parent_domain: ['destination.domain'],
};

/** Zeek's own names, for its rules of every service; names that only one of its logs has, and names that several share. */
const zeek: Names = {
  'id.orig_h': ['source.ip'],
  'id.orig_p': ['source.port'],
  'id.resp_h': ['destination.ip'],
  'id.resp_p': ['destination.port'],
  uid: ['zeek.session_id'],
  proto: ['network.transport'],
  conn_state: ['zeek.connection.state'],
  history: ['zeek.connection.history'],
  query: ['dns.question.name'],
  qtype_name: ['dns.question.type'],
  rcode_name: ['dns.response_code'],
  answers: ['dns.answers.data'],
  method: ['http.request.method'],
  host: ['url.domain'],
  uri: ['url.original'],
  referrer: ['http.request.referrer'],
  user_agent: ['user_agent.original'],
  status_code: ['http.response.status_code'],
  request_body_len: ['http.request.body.bytes'],
  response_body_len: ['http.response.body.bytes'],
  resp_mime_types: ['http.response.mime_type'],
  server_name: ['tls.client.server_name'],
  cipher: ['tls.cipher'],
  subject: ['tls.server.subject'],
  issuer: ['tls.server.issuer'],
  note: ['rule.name'],
  sub: ['zeek.notice.sub'],
  mime_type: ['file.mime_type'],
  filename: ['file.path'],
  md5: ['file.hash.md5'],
  sha1: ['file.hash.sha1'],
  sha256: ['file.hash.sha256'],
};

/** Any log source: the names that vendors share. */
const anywhere: Names = {
  src_ip: ['source.ip'],
  dst_ip: ['destination.ip'],
  src_port: ['source.port'],
  dst_port: ['destination.port'],
  hostname: ['host.name'],
};

const byCategory: Readonly<Record<string, Names>> = { webserver, proxy: webserver, firewall, dns, dns_query: dns };
const byProduct: Readonly<Record<string, Names>> = { windows, linux, macos: linux, zeek };

export function fieldNames(field: string, kind: EventKind): readonly string[] {
  const tables = [...kind.categories.map((category) => byCategory[category]), byProduct[kind.product], anywhere];
  const names = [field];
  for (const table of tables) {
    if (!table || !Object.hasOwn(table, field)) continue;
    for (const name of table[field] ?? []) if (!names.includes(name)) names.push(name);
  }
  // What Zeek's decoder gives no other name stands under its own.
  if (kind.product === 'zeek') names.push(`zeek.${field}`);
  // Defender writes `Threat Name` where its rules say ThreatName.
  if (kind.service === 'windefend') names.push(field.replaceAll(/([a-z])([A-Z])/g, '$1 $2'));
  return names;
}

/** The names under which any mapping looks for a field: for fieldsRead, where the kind is not known. */
export function allFieldNames(field: string): readonly string[] {
  const tables = [...Object.values(byCategory), ...Object.values(byProduct), anywhere];
  return [...new Set([field, ...tables.flatMap((table) => (Object.hasOwn(table, field) ? (table[field] ?? []) : []))])];
}
