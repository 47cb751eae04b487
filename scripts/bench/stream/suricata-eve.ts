// Suricata EVE JSON as a sensor at a small network's edge writes it: flow, dns, http, tls, fileinfo and a few alerts.
// The text is our own, in the real format; addresses outside are documentation addresses.
import { insideAddress, named, outsideAddress, type Pick } from './pick.ts';

const sensors = named(3, (place) => `ids-${place + 1}`);
const domains = named(240, (place) => `${['cdn', 'api', 'www', 'static', 'mail', 'img'][place % 6]}.site-${place}.example`);
const pages = named(160, (place) => `/${['assets', 'v2/items', 'news', 'login', 'search'][place % 5]}/${place * 37}`);
const browsers = named(24, (place) => `Mozilla/5.0 (X11; Linux x86_64; rv:1${place + 10}.0) Gecko/20100101 Firefox/1${place + 10}.0`);
/** Alerts speak of few: most of what a sensor reports comes from the same ones. */
const noisy = named(30, (place) => `198.51.100.${place * 7 + 5}`);
const signatures = [
  [2_100_498, 'GPL ATTACK_RESPONSE id check returned root', 'Potentially Bad Traffic', 2],
  [2_013_028, 'ET POLICY curl User-Agent Outbound', 'Attempted Information Leak', 2],
  [2_210_045, 'SURICATA STREAM Packet with invalid ack', 'Generic Protocol Command Decode', 3],
  [2_024_364, 'ET SCAN Possible Nmap User-Agent Observed', 'Web Application Attack', 1],
] as const;

export function suricataEve(pick: Pick, atMs: number): string {
  const kind = pick.number(1, 100);
  const at = eveTime(pick, atMs);
  if (kind <= 42) return flowRecord(pick, at, atMs);
  if (kind <= 67) return dnsRecord(pick, at);
  if (kind <= 82) return httpRecord(pick, at, atMs);
  if (kind <= 94) return tlsRecord(pick, at);
  return kind <= 97 ? fileRecord(pick, at) : alertRecord(pick, at, atMs);
}

function eveTime(pick: Pick, atMs: number): string {
  return `${new Date(atMs).toISOString().slice(0, -1)}${String(pick.number(0, 999)).padStart(3, '0')}+0000`;
}

interface Ends {
  readonly from?: string;
  readonly event: string;
  readonly port: number;
  readonly protocol: 'TCP' | 'UDP';
}

function head(pick: Pick, at: string, { event, port, protocol, from = insideAddress(pick) }: Ends): string {
  const common = `"flow_id":${pick.number(100_000_000_000_000, 2_000_000_000_000_000)},"in_iface":"ens5","event_type":"${event}"`;
  const ends = `"src_ip":"${from}","src_port":${pick.number(32_768, 60_999)},"dest_ip":"${outsideAddress(pick)}"`;
  const transport = `"dest_port":${port},"proto":"${protocol}","community_id":"1:${pick.hex(26)}="`;
  return `{"timestamp":"${at}",${common},"host":"${pick.one(sensors)}",${ends},${transport}`;
}

function flowRecord(pick: Pick, at: string, atMs: number): string {
  const isWeb = pick.chance(0.6);
  const ends = { event: 'flow', port: isWeb ? 443 : 53, protocol: isWeb ? 'TCP' : 'UDP' } as const;
  const state = isWeb ? 'closed' : 'established';
  const flow = flowOf(pick, atMs);
  const tcp = `,"tcp":{"tcp_flags":"1b","tcp_flags_ts":"1b","tcp_flags_tc":"1b","syn":true,"fin":true,"psh":true,"ack":true,"state":"closed"}`;
  const ending = `,"end":"${eveTime(pick, atMs)}","age":${pick.number(0, 64)},"state":"${state}","reason":"timeout","alerted":false}`;
  return `${head(pick, at, ends)},"app_proto":"${isWeb ? 'tls' : 'dns'}","flow":${flow}${ending}${isWeb ? tcp : ''}}`;
}

/** Not closed: what follows differs. */
function flowOf(pick: Pick, atMs: number): string {
  const packets = pick.number(2, 60);
  const counts = `"pkts_toserver":${packets},"pkts_toclient":${packets + pick.number(0, 30)}`;
  const bytes = `"bytes_toserver":${packets * pick.number(60, 700)},"bytes_toclient":${packets * pick.number(60, 1_400)}`;
  return `{${counts},${bytes},"start":"${eveTime(pick, atMs - pick.number(1, 60_000))}"`;
}

function dnsRecord(pick: Pick, at: string): string {
  const name = pick.skewed(domains);
  const question = `"type":"answer","id":${pick.number(1, 65_535)},"flags":"8180","qr":true,"rd":true,"ra":true,"rrname":"${name}"`;
  const answers = `"answers":[{"rrname":"${name}","rrtype":"A","ttl":${pick.number(10, 3_600)},"rdata":"${outsideAddress(pick)}"}]`;
  const ends = { event: 'dns', port: 53, protocol: 'UDP' } as const;
  return `${head(pick, at, ends)},"dns":{"version":2,${question},"rrtype":"A","rcode":"NOERROR",${answers}}}`;
}

function httpOf(pick: Pick): string {
  const request = `"hostname":"${pick.skewed(domains)}","url":"${pick.skewed(pages)}","http_user_agent":"${pick.skewed(browsers)}"`;
  const answer = `"http_content_type":"text/html","http_refer":"https://${pick.skewed(domains)}/","http_method":"GET"`;
  return `{${request},${answer},"protocol":"HTTP/1.1","status":${pick.one([200, 200, 200, 304, 404])},"length":${pick.number(120, 90_000)}}`;
}

function httpRecord(pick: Pick, at: string, atMs: number): string {
  const ends = { event: 'http', port: 80, protocol: 'TCP' } as const;
  return `${head(pick, at, ends)},"tx_id":${pick.number(0, 9)},"http":${httpOf(pick)},"app_proto":"http","flow":${flowOf(pick, atMs)}}}`;
}

function tlsRecord(pick: Pick, at: string): string {
  const name = pick.skewed(domains);
  const subject = `"subject":"CN=${name}","issuerdn":"C=XX, O=Example Trust, CN=Example Issuing CA ${pick.number(1, 4)}"`;
  const proof = `"serial":"${pick.hex(32)}","fingerprint":"${pick.hex(40)}","sni":"${name}","version":"TLS 1.2"`;
  const life = `"notbefore":"2026-03-01T00:00:00","notafter":"2027-03-01T00:00:00"`;
  const prints = `"ja3":{"hash":"${pick.hex(32)}"},"ja3s":{"hash":"${pick.hex(32)}"}`;
  return `${head(pick, at, { event: 'tls', port: 443, protocol: 'TCP' })},"tls":{${subject},${proof},${life},${prints}}}`;
}

function fileRecord(pick: Pick, at: string): string {
  const size = pick.number(300, 4_000_000);
  const file = `"filename":"${pick.skewed(pages)}","gaps":false,"state":"CLOSED","md5":"${pick.hex(32)}","sha256":"${pick.hex(64)}"`;
  const ends = { event: 'fileinfo', port: 80, protocol: 'TCP' } as const;
  return `${head(pick, at, ends)},"http":${httpOf(pick)},"fileinfo":{${file},"stored":false,"size":${size},"tx_id":0}}`;
}

function alertRecord(pick: Pick, at: string, atMs: number): string {
  const [id, name, category, severity] = pick.skewed(signatures);
  const said = `"action":"allowed","gid":1,"signature_id":${id},"rev":${pick.number(1, 9)},"signature":"${name}"`;
  const bytes = Buffer.from(`GET ${pick.skewed(pages)} HTTP/1.1\r\nHost: ${pick.skewed(domains)}\r\nUser-Agent: curl/8.5.0\r\n\r\n`);
  const payload = `"payload":"${bytes.toString('base64')}","payload_printable":${JSON.stringify(bytes.toString())},"stream":1`;
  const packet = `"packet":"${pick.hex(120)}","packet_info":{"linktype":1}`;
  const alert = `"alert":{${said},"category":"${category}","severity":${severity}}`;
  const ends = { event: 'alert', port: 80, protocol: 'TCP', from: pick.skewed(noisy) } as const;
  return `${head(pick, at, ends)},${alert},"http":${httpOf(pick)},"app_proto":"http","flow":${flowOf(pick, atMs)}},${payload},${packet}}`;
}
