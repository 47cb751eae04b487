// A parsed search as text again, for links, saved searches and "filter for this value".
// Promises: parsing the text gives a search that finds the same, and printing that gives the same text.
import { unreachable } from '../../proto/runtime/errors.ts';
import type { SearchNode } from '../ports.ts';

const signs = { eq: '', gt: '>', gte: '>=', lt: '<', lte: '<=', exists: '' } as const;

export function printQuery(node: SearchNode): string {
  return node.is === 'all' ? '' : print(node, false);
}

function print(node: SearchNode, isInner: boolean): string {
  switch (node.is) {
    case 'all':
      return '*';
    case 'and':
    case 'or': {
      if (node.of.length === 0) return node.is === 'and' ? '*' : 'not *';
      const text = node.of.map((part) => print(part, true)).join(node.is === 'and' ? ' ' : ' or ');
      return isInner && node.of.length > 1 ? `(${text})` : text;
    }
    case 'not':
      return `not ${print(node.of, true)}`;
    case 'text':
      return node.phrase || /^(and|or|not)$/i.test(node.value) ? quote(node.value) : word(node.value);
    case 'field':
      return `${node.field}:${signs[node.op]}${node.op === 'exists' ? '*' : node.value === '' ? '""' : word(node.value)}`;
    default:
      return unreachable(node);
  }
}

function quote(text: string): string {
  return `"${text.replaceAll(/[\\"]/g, (char) => `\\${char}`)}"`;
}

/** A pattern as one word: its own escapes stay, what would end the word or mean something is made plain. */
function word(pattern: string): string {
  let text = '';
  for (let at = 0; at < pattern.length; at++) {
    const char = pattern.charAt(at);
    const next = pattern.charAt(at + 1);
    if (char === '\\' && (next === '*' || next === '\\')) {
      text += char + next;
      at++;
    } else if (char === '\\' && (next === '' || /[\s()":<>=]/.test(next))) text += '\\\\';
    else text += /[\s()":<>=]/.test(char) ? `\\${char}` : char;
  }
  return text;
}
