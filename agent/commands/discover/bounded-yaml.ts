// What may be handed to the parser of YAML, which takes minutes for some texts of a few ten thousand brackets.

const yamlCharsMax = 65_536;
const nestingMax = 32;

export const unboundedYaml = `more than ${yamlCharsMax} characters, or nested more than ${nestingMax} deep; not read`;

export function isBoundedYaml(text: string): boolean {
  return text.length <= yamlCharsMax && nestingOf(text) <= nestingMax;
}

function nestingOf(text: string): number {
  let [depth, deepest] = [0, 0];
  for (const [bracket] of text.matchAll(/[[{\]}]/g)) {
    depth += bracket === '[' || bracket === '{' ? 1 : -1;
    deepest = Math.max(deepest, depth);
  }
  return deepest;
}
