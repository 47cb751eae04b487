// Windows events as JSON: security log and Sysmon, two thirds in the nested form of winlogbeat, one third in the flat form
// of NXLog. Process creation, logons, network connections, registry and file writes, in shares that a domain shows.
import { insideAddress, named, outsideAddress, type Pick } from './pick.ts';

const computers = named(80, (place) => `${place % 8 === 0 ? 'SRV' : 'WS'}-${String(place + 100)}.corp.example`);
const people = named(60, (place) => `user${place + 1}`);
const programs = [
  ['C:\\Windows\\System32\\svchost.exe', 'C:\\Windows\\system32\\svchost.exe -k netsvcs -p -s Schedule'],
  [
    'C:\\Program Files\\Google\\Chrome\\Application\\chrome.exe',
    '"C:\\Program Files\\Google\\Chrome\\Application\\chrome.exe" --type=renderer',
  ],
  ['C:\\Windows\\System32\\conhost.exe', '\\??\\C:\\Windows\\system32\\conhost.exe 0xffffffff -ForceV1'],
  [
    'C:\\Program Files\\Microsoft Office\\root\\Office16\\OUTLOOK.EXE',
    '"C:\\Program Files\\Microsoft Office\\root\\Office16\\OUTLOOK.EXE"',
  ],
  ['C:\\Windows\\System32\\taskhostw.exe', 'taskhostw.exe Install $(Arg0)'],
  [
    'C:\\Windows\\System32\\WindowsPowerShell\\v1.0\\powershell.exe',
    'powershell.exe -NoProfile -ExecutionPolicy Bypass -File C:\\Tools\\inventory.ps1',
  ],
  ['C:\\Windows\\System32\\cmd.exe', 'C:\\Windows\\system32\\cmd.exe /c ver'],
] as const;

interface WindowsEvent {
  readonly id: number;
  readonly isSysmon: boolean;
  readonly task: string;
  readonly fields: Readonly<Record<string, string>>;
}

export function windowsEvent(pick: Pick, atMs: number): string {
  const event = anyEvent(pick, atMs);
  return pick.chance(0.67) ? nested(pick, atMs, event) : flat(pick, atMs, event);
}

function anyEvent(pick: Pick, atMs: number): WindowsEvent {
  const kind = pick.number(1, 100);
  if (kind <= 22) return processCreated(pick, atMs);
  if (kind <= 36) return securityProcess(pick);
  if (kind <= 62) return logon(pick);
  if (kind <= 78) return connection(pick, atMs);
  if (kind <= 90) return registrySet(pick, atMs);
  return objectAccess(pick);
}

function sysmon(pick: Pick, atMs: number, fields: Record<string, string>): Record<string, string> {
  const at = new Date(atMs).toISOString().replace('T', ' ').slice(0, -1);
  return { RuleName: '-', UtcTime: at, ProcessGuid: guid(pick), ProcessId: String(pick.number(400, 19_999)), ...fields };
}

function guid(pick: Pick): string {
  return `{${pick.hex(8)}-${pick.hex(4)}-${pick.hex(4)}-${pick.hex(4)}-${pick.hex(12)}}`;
}

function processCreated(pick: Pick, atMs: number): WindowsEvent {
  const [image, commandLine] = pick.skewed(programs);
  const [parent, parentLine] = pick.skewed(programs);
  const fields = sysmon(pick, atMs, {
    Image: image,
    FileVersion: '10.0.26100.1',
    Description: 'Host process',
    Product: 'Operating system',
    Company: 'Example',
    OriginalFileName: image.slice(image.lastIndexOf('\\') + 1),
    CommandLine: commandLine,
    CurrentDirectory: 'C:\\Windows\\system32\\',
    User: `CORP\\${pick.skewed(people)}`,
    LogonId: `0x${pick.hex(5)}`,
    TerminalSessionId: '1',
    IntegrityLevel: 'Medium',
    Hashes: `SHA256=${pick.hex(64).toUpperCase()},IMPHASH=${pick.hex(32).toUpperCase()}`,
    ParentProcessId: String(pick.number(400, 19_999)),
    ParentImage: parent,
    ParentCommandLine: parentLine,
  });
  return { id: 1, isSysmon: true, task: 'Process Create (rule: ProcessCreate)', fields };
}

function securityProcess(pick: Pick): WindowsEvent {
  const [image, commandLine] = pick.skewed(programs);
  const fields = {
    SubjectUserSid: `S-1-5-21-${pick.number(1_000_000_000, 1_000_000_040)}-1107`,
    SubjectUserName: pick.skewed(people),
    SubjectDomainName: 'CORP',
    SubjectLogonId: `0x${pick.hex(5)}`,
    NewProcessId: `0x${pick.hex(4)}`,
    NewProcessName: image,
    TokenElevationType: '%%1938',
    CommandLine: commandLine,
    ParentProcessName: 'C:\\Windows\\explorer.exe',
    MandatoryLabel: 'S-1-16-8192',
  };
  return { id: 4_688, isSysmon: false, task: 'Process Creation', fields };
}

function logon(pick: Pick): WindowsEvent {
  const hasFailed = pick.chance(0.12);
  const fields = {
    SubjectUserSid: 'S-1-0-0',
    TargetUserName: pick.skewed(people),
    TargetDomainName: 'CORP',
    TargetLogonId: `0x${pick.hex(6)}`,
    LogonType: pick.one(['3', '3', '3', '2', '7', '10']),
    LogonProcessName: 'Kerberos',
    AuthenticationPackageName: hasFailed ? 'NTLM' : 'Kerberos',
    WorkstationName: `WS-${pick.number(100, 180)}`,
    LogonGuid: guid(pick),
    IpAddress: insideAddress(pick),
    IpPort: String(pick.number(49_152, 65_535)),
    ...(hasFailed ? { Status: '0xc000006d', SubStatus: '0xc000006a', FailureReason: '%%2313' } : {}),
  };
  return { id: hasFailed ? 4_625 : 4_624, isSysmon: false, task: 'Logon', fields };
}

function connection(pick: Pick, atMs: number): WindowsEvent {
  const fields = sysmon(pick, atMs, {
    Image: pick.skewed(programs)[0],
    User: `CORP\\${pick.skewed(people)}`,
    Protocol: 'tcp',
    Initiated: 'true',
    SourceIsIpv6: 'false',
    SourceIp: insideAddress(pick),
    SourcePort: String(pick.number(49_152, 65_535)),
    DestinationIsIpv6: 'false',
    DestinationIp: outsideAddress(pick),
    DestinationPort: pick.one(['443', '443', '80', '8080', '389']),
  });
  return { id: 3, isSysmon: true, task: 'Network connection detected (rule: NetworkConnect)', fields };
}

function registrySet(pick: Pick, atMs: number): WindowsEvent {
  const fields = sysmon(pick, atMs, {
    EventType: 'SetValue',
    Image: pick.skewed(programs)[0],
    TargetObject: `HKU\\S-1-5-21-${pick.number(1_000_000_000, 1_000_000_040)}\\Software\\Vendor\\App\\Setting${pick.number(1, 60)}`,
    Details: `DWORD (0x${pick.hex(8)})`,
    User: `CORP\\${pick.skewed(people)}`,
  });
  return { id: 13, isSysmon: true, task: 'Registry value set (rule: RegistryEvent)', fields };
}

function objectAccess(pick: Pick): WindowsEvent {
  const fields = {
    SubjectUserName: pick.skewed(people),
    SubjectDomainName: 'CORP',
    ObjectServer: 'Security',
    ObjectType: 'File',
    ObjectName: `C:\\Shares\\Finance\\${pick.number(2_019, 2_026)}\\report-${pick.number(1, 400)}.xlsx`,
    HandleId: `0x${pick.hex(4)}`,
    AccessMask: '0x1',
    ProcessName: pick.skewed(programs)[0],
  };
  return { id: 4_663, isSysmon: false, task: 'File System', fields };
}

const channelOf = ({ isSysmon }: WindowsEvent): string => (isSysmon ? 'Microsoft-Windows-Sysmon/Operational' : 'Security');
const providerOf = ({ isSysmon }: WindowsEvent): string => (isSysmon ? 'Microsoft-Windows-Sysmon' : 'Microsoft-Windows-Security-Auditing');

function nested(pick: Pick, atMs: number, event: WindowsEvent): string {
  const { id, task, fields } = event;
  const host = pick.skewed(computers);
  return JSON.stringify({
    '@timestamp': new Date(atMs).toISOString(),
    event: { code: String(id), kind: 'event', provider: providerOf(event), action: task },
    host: { name: host },
    log: { level: 'information' },
    winlog: {
      channel: channelOf(event),
      computer_name: host,
      event_data: fields,
      event_id: String(id),
      opcode: 'Info',
      process: { pid: pick.number(400, 4_000), thread: { id: pick.number(400, 9_000) } },
      provider_name: providerOf(event),
      record_id: pick.number(1_000_000, 90_000_000),
      task,
      version: 2,
    },
  });
}

function flat(pick: Pick, atMs: number, event: WindowsEvent): string {
  const { id, task, fields } = event;
  return JSON.stringify({
    EventTime: new Date(atMs).toISOString().replace('T', ' ').slice(0, 19),
    Hostname: pick.skewed(computers),
    EventType: 'INFO',
    Severity: 'INFO',
    EventID: id,
    SourceName: providerOf(event),
    Channel: channelOf(event),
    Task: task,
    RecordNumber: pick.number(1_000_000, 90_000_000),
    ...fields,
  });
}
