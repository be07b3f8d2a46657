import { isDigit } from './characters.ts';
import type { Finding, Label } from './labels.ts';
import { afterSpaces, digitsEnd, digitsOf, endsWhole, groupsAt, shapeUnits } from './numbers.ts';
import type { Scene } from './scene.ts';
import { codeAt, type Window } from './window.ts';
import { wordAt } from './word.ts';

/** A telephone number: (555) 123-4567, 555.123.4567, +1 555 123 4567, +44 20 7946 0958, 1-800-555-0199. */
export function findPhone({ window, left }: Scene, at: number): Finding | null {
  const first = codeAt(window, at);
  const label: Label = left.context?.label === 'FAX' ? 'FAX' : 'PHONE';
  if (first === 40) return parenthesised(window, at, label);
  const plus = first === 43 ? 1 : 0;
  if (!isDigit(codeAt(window, at + plus))) return null;
  if (plus === 0 && !startsPhone(window, at)) return null;
  const { end, shape } = groupsAt(window, at + plus, '- ./');
  if (plus === 1) return plusPhone(window, at + 1, end, label);
  if (/^1[-. ]$/.test(window.text.slice(at, end)) || (shape === '1' && codeAt(window, end) === 32)) {
    return codeAt(window, end + 1) === 40 ? parenthesised(window, end + 1, label) : null;
  }
  const match = /^(?:(?:1[-. ])?3[-. /]3[-. ]4|3[-. /]7)(?=[ /]|$)/.exec(shape);
  if (match === null || (match[0].endsWith('7') && !isDialled(digitsOf(window, at, end)))) return null;
  const last = at + shapeUnits(match[0]);
  return endsWhole(window, last) ? { end: extensionEnd(window, last), label } : null;
}

/** Area code and exchange of the North American plan. */
function isDialled(digits: string): boolean {
  return /^[2-9]\d\d[2-9]\d\d/.test(digits);
}

/** Three digits, or a 1 with three digits or a parenthesis behind it. */
function startsPhone(window: Window, at: number): boolean {
  const size = digitsEnd(window, at) - at;
  if (size !== 1) return size === 3;
  const next = at + 2;
  return codeAt(window, at) === 49 && (codeAt(window, next) === 40 || digitsEnd(window, next) - next === 3);
}

function plusPhone(window: Window, at: number, end: number, label: Label): Finding | null {
  const count = digitsOf(window, at, end).length;
  if (count >= 8 && count <= 15) return { end: extensionEnd(window, end), label };
  const gap = codeAt(window, end) === 32 ? end + 1 : end;
  if (codeAt(window, gap) !== 40) return null;
  return trunkPhone(window, gap, label) ?? parenthesised(window, gap, label);
}

/** "(0)96 471 07 95" behind a country code: the nought is dialled only within the country. */
function trunkPhone(window: Window, at: number, label: Label): Finding | null {
  if (codeAt(window, at + 1) !== 48 || codeAt(window, at + 2) !== 41) return null;
  const start = codeAt(window, at + 3) === 32 ? at + 4 : at + 3;
  if (!isDigit(codeAt(window, start))) return null;
  const { end } = groupsAt(window, start, '- ./');
  const count = digitsOf(window, start, end).length;
  return count >= 7 && count <= 12 ? { end: extensionEnd(window, end), label } : null;
}

function parenthesised(window: Window, at: number, label: Label): Finding | null {
  const area = digitsEnd(window, at + 1);
  if (area - at < 3 || area - at > 5 || codeAt(window, area) !== 41) return null;
  const next = codeAt(window, area + 1);
  const start = next === 32 || next === 45 || next === 46 ? area + 2 : area + 1;
  if (!isDigit(codeAt(window, start))) return null;
  const { end } = groupsAt(window, start, '- .');
  const digits = digitsOf(window, start, end);
  if (digits.length < 6 || digits.length > 10 || !endsWhole(window, end)) return null;
  return { end: extensionEnd(window, end), label };
}

/** The end of "x12" or ", ext. 12" behind a telephone number, or the same place. */
export function extensionEnd(window: Window, end: number): number {
  const gap = afterSpaces(window, codeAt(window, end) === 44 ? end + 1 : end);
  const word = wordAt(window, gap < 0 ? end : gap);
  if (word === null || !/^(x|ext|extension)\d*$/i.test(window.text.slice(word.start, word.end))) return end;
  if (word.digits > 0) return word.end;
  const dotted = codeAt(window, word.end) === 46 ? word.end + 1 : word.end;
  const space = afterSpaces(window, dotted);
  const last = digitsEnd(window, space < 0 ? dotted : space);
  return last > dotted && isDigit(codeAt(window, last - 1)) ? last : end;
}
