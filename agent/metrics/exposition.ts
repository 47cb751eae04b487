// Prometheus's text format 0.0.4 and OpenMetrics 1.0.0, written whole; `formatFor` chooses by what a scraper accepts.
// Promises: HELP and TYPE (and UNIT, in OpenMetrics) once before the samples of a family; label values and help escaped;
// samples of a family in one place; OpenMetrics ends in `# EOF`, so that an answer that was cut short is noticed. The name of
// a counter ends in _total, that of an info in _info, and the word before says the unit. Names are ours and not checked.

export interface Sample {
  readonly labels?: Readonly<Record<string, string>>;
  readonly value: number;
}

export interface Family {
  readonly name: string;
  /** Says the unit in words. */
  readonly help: string;
  readonly type: 'counter' | 'gauge' | 'info';
  readonly samples: readonly Sample[];
}

export type ExpositionFormat = 'text' | 'openmetrics';

export const expositionTypes: Readonly<Record<ExpositionFormat, string>> = {
  text: 'text/plain; version=0.0.4; charset=utf-8',
  openmetrics: 'application/openmetrics-text; version=1.0.0; charset=utf-8',
};

const units = new Set(['seconds', 'bytes', 'lines', 'batches']);
const rangesMax = 32;

export function gauge(name: string, help: string, samples: readonly Sample[]): Family {
  return { name, help, type: 'gauge', samples };
}

export function counter(name: string, help: string, samples: readonly Sample[]): Family {
  return { name, help, type: 'counter', samples };
}

/** Families without samples are left out. */
export function exposition(families: readonly Family[], format: ExpositionFormat): string {
  const texts = families.filter(({ samples }) => samples.length > 0).map((family) => familyText(family, format));
  return `${texts.join('')}${format === 'openmetrics' ? '# EOF\n' : ''}`;
}

/** OpenMetrics where the header names it and does not like the other better; a version other than 1.0.0 is not it. */
export function formatFor(accept: string | undefined): ExpositionFormat {
  const ranges = (accept ?? '').split(',', rangesMax).map(rangeOf);
  const qualityOf = (isIt: (range: MediaRange) => boolean): number => Math.max(0, ...ranges.filter(isIt).map(({ quality }) => quality));
  const open = qualityOf(({ type, version }) => type === 'application/openmetrics-text' && (version === '' || version === '1.0.0'));
  return open > 0 && open >= qualityOf(({ type }) => type === 'text/plain') ? 'openmetrics' : 'text';
}

interface MediaRange {
  readonly type: string;
  readonly version: string;
  readonly quality: number;
}

function rangeOf(text: string): MediaRange {
  const [type = '', ...parameters] = text.split(';').map((part) => part.trim().toLowerCase());
  const valueOf = (name: string): string | undefined => parameters.find((one) => one.startsWith(`${name}=`))?.slice(name.length + 1);
  const quality = Number(valueOf('q') ?? 1);
  return { type, version: valueOf('version') ?? '', quality: quality >= 0 && quality <= 1 ? quality : 0 };
}

function familyText({ name, help, type, samples }: Family, format: ExpositionFormat): string {
  const isOpen = format === 'openmetrics';
  const family = isOpen ? name.replace(/_(?:total|info)$/, '') : name;
  const unit = /[^_]*$/.exec(family)?.[0] ?? '';
  return [
    `# HELP ${family} ${escaped(help, isOpen)}\n`,
    `# TYPE ${family} ${type === 'info' && !isOpen ? 'gauge' : type}\n`,
    ...(isOpen && units.has(unit) ? [`# UNIT ${family} ${unit}\n`] : []),
    ...samples.map((one) => sampleLine(name, one)),
  ].join('');
}

function sampleLine(name: string, { labels = {}, value }: Sample): string {
  const pairs = Object.entries(labels).map(([label, text]) => `${label}="${escaped(text, true)}"`);
  return `${name}${pairs.length > 0 ? `{${pairs.join(',')}}` : ''} ${number(value)}\n`;
}

/** Label values hide quotes; help does in OpenMetrics only. */
function escaped(text: string, areQuotesToo: boolean): string {
  const plain = text.replaceAll('\\', '\\\\').replaceAll('\n', '\\n');
  return areQuotesToo ? plain.replaceAll('"', '\\"') : plain;
}

function number(value: number): string {
  if (Number.isNaN(value)) return 'NaN';
  if (Number.isFinite(value)) return String(value);
  return value > 0 ? '+Inf' : '-Inf';
}
