// Case folding by one definition, used when rules are compiled, when values are scanned and when they are compared:
// per UTF-16 unit, lower(upper(unit)), where both stay one unit. So ς, Σ and σ are one letter, ſ is s and the Kelvin
// sign is k; İ, ı and ß stay themselves. A second definition anywhere would make the automaton and the evaluator disagree.

const table = makeTable();

function makeTable(): Uint16Array {
  const folded = new Uint16Array(65_536);
  for (let unit = 0; unit < 65_536; unit++) folded[unit] = foldSlowly(unit);
  return folded;
}

function foldSlowly(unit: number): number {
  if (unit >= 0xd800 && unit <= 0xdfff) return unit;
  // Dotless ı would meet i through I; the two are different letters in the one alphabet that has it.
  if (unit === 0x131) return unit;
  const upper = String.fromCharCode(unit).toUpperCase();
  if (upper.length !== 1) return unit;
  const lower = upper.toLowerCase();
  return lower.length === 1 ? lower.charCodeAt(0) : unit;
}

export function foldUnit(unit: number): number {
  return table[unit] ?? unit;
}

export function foldText(text: string): string {
  let changedAt = 0;
  while (changedAt < text.length && table[text.charCodeAt(changedAt)] === text.charCodeAt(changedAt)) changedAt++;
  if (changedAt === text.length) return text;
  let folded = text.slice(0, changedAt);
  for (let at = changedAt; at < text.length; at++) folded += String.fromCharCode(foldUnit(text.charCodeAt(at)));
  return folded;
}
