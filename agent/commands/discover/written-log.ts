// A log that a configuration says is written, and what is told of several.

export interface WrittenLog {
  readonly path: string;
  /** As the configuration writes it; empty where there is one only. */
  readonly format: string;
  /** `/etc/nginx/nginx.conf:12`. */
  readonly at: string;
}

const placesMax = 4;

export function pathsOf(logs: readonly WrittenLog[]): string[] {
  return [...new Set(logs.map(({ path }) => path))];
}

export function whyOf(logs: readonly WrittenLog[]): string {
  const places = [...new Set(logs.map(({ at }) => at))];
  return places.length > placesMax ? `${places.slice(0, placesMax).join(', ')} and ${places.length - placesMax} more` : places.join(', ');
}
