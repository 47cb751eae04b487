// The event kind of a Windows event from its channel and event id: Sigma's services (channels) and categories (Sysmon
// event ids and their native cousins), as the Sigma taxonomy and its Sysmon pipeline have them.
import { internKind } from '../../../config/fields/kinds.ts';
import type { EventKind } from '../../../config/fields/kinds.ts';

const services: Readonly<Record<string, string>> = {
  application: 'application',
  security: 'security',
  system: 'system',
  'windows powershell': 'powershell-classic',
  'powershellcore/operational': 'powershell',
  'dns server': 'dns-server',
  'microsoft-servicebus-client': 'microsoft-servicebus-client',
  'msexchange management': 'msexchange-management',
  openssh: 'openssh',
};

/** Channels of the form Microsoft-Windows-<key>/Operational (or another log after the slash). */
const microsoft: Readonly<Record<string, string>> = {
  sysmon: 'sysmon',
  powershell: 'powershell',
  taskscheduler: 'taskscheduler',
  'wmi-activity': 'wmi',
  ntlm: 'ntlm',
  'printservice/admin': 'printservice-admin',
  'printservice/operational': 'printservice-operational',
  'terminalservices-localsessionmanager': 'terminalservices-localsessionmanager',
  'smbclient/security': 'smbclient-security',
  'smbclient/connectivity': 'smbclient-connectivity',
  smbserver: 'smbserver-connectivity',
  'windows defender': 'windefend',
  'windows firewall with advanced security': 'firewall-as',
  'bits-client': 'bits-client',
  codeintegrity: 'codeintegrity-operational',
  'driverframeworks-usermode': 'driver-framework',
  'dns-client': 'dns-client',
  'dns-server/analytical': 'dns-server-analytic',
  'dns-server/audit': 'dns-server-audit',
  appxdeploymentserver: 'appxdeployment-server',
  appxpackaging: 'appxpackaging-om',
  'appmodel-runtime': 'appmodel-runtime',
  applocker: 'applocker',
  'certificateservicesclient-lifecycle-system': 'certificateservicesclient-lifecycle-system',
  capi2: 'capi2',
  'diagnosis-scripted': 'diagnosis-scripted',
  'shell-core': 'shell-core',
  'security-mitigations/kernelmode': 'security-mitigations',
  'security-mitigations': 'security-mitigations',
  'ldap-client/debug': 'ldap',
  'ldap-client': 'ldap',
  'lsa-server': 'lsa-server',
  'iis-configuration': 'iis-configuration',
  vhdmp: 'vhdmp',
  'kernel-event-tracing': 'kernel-event-tracing',
  'kernel-shimengine': 'kernel-shimengine',
  'hyper-v-worker': 'hyper-v-worker',
  'application-experience': 'application-experience',
};

const sysmon: Readonly<Record<string, readonly string[]>> = {
  1: ['process_creation'],
  2: ['file_change'],
  3: ['network_connection'],
  4: ['sysmon_status'],
  5: ['process_termination'],
  6: ['driver_load'],
  7: ['image_load'],
  8: ['create_remote_thread'],
  9: ['raw_access_thread'],
  10: ['process_access'],
  11: ['file_event'],
  12: ['registry_event', 'registry_add', 'registry_delete'],
  13: ['registry_event', 'registry_set'],
  14: ['registry_event', 'registry_rename'],
  15: ['create_stream_hash'],
  16: ['sysmon_status'],
  17: ['pipe_created'],
  18: ['pipe_created'],
  19: ['wmi_event'],
  20: ['wmi_event'],
  21: ['wmi_event'],
  22: ['dns_query'],
  23: ['file_delete'],
  24: ['clipboard_capture'],
  25: ['process_tampering'],
  26: ['file_delete_detected', 'file_delete'],
  27: ['file_block_executable'],
  28: ['file_block_shredding'],
  29: ['file_executable_detected'],
  255: ['sysmon_error'],
};

function serviceOf(channel: string): string {
  const lower = channel.toLowerCase();
  const plain = services[lower];
  if (plain !== undefined) return plain;
  if (!lower.startsWith('microsoft-windows-')) return lower.startsWith('microsoft-servicebus') ? 'microsoft-servicebus-client' : '';
  const name = lower.slice('microsoft-windows-'.length);
  return microsoft[name] ?? microsoft[name.split('/')[0] ?? ''] ?? '';
}

function categoriesOf(service: string, eventCode: string): readonly string[] {
  if (service === 'sysmon') return sysmon[eventCode] ?? [];
  if (service === 'security' && eventCode === '4688') return ['process_creation'];
  if (service === 'security' && eventCode === '4657') return ['registry_event', 'registry_set'];
  if (service === 'powershell' && eventCode === '4103') return ['ps_module'];
  if (service === 'powershell' && eventCode === '4104') return ['ps_script'];
  if (service !== 'powershell-classic') return [];
  if (eventCode === '400') return ['ps_classic_start'];
  return eventCode === '600' ? ['ps_classic_provider_start'] : eventCode === '800' ? ['ps_classic_script'] : [];
}

export function windowsKind(channel: string, eventCode: string): EventKind {
  const service = serviceOf(channel);
  return internKind({ product: 'windows', categories: categoriesOf(service, eventCode), service, channel, eventCode });
}
