import { foldCharacter } from './fold.ts';

/**
 * The original text and its plain form side by side. Matching is done on `text`; what is cut and what is passed
 * on is `raw`. Where the two run in step nothing is stored; `at[i]` and `rawAt[i]` say where they fall out of step.
 */
export interface Lens {
  raw: string;
  text: string;
  at: number[];
  rawAt: number[];
  /** Units of `raw` that have their plain form already; the rest waits for its other half. */
  seen(): number;
  push(chunk: string, ended: boolean): void;
  /** Forgets everything before unit `upTo` of `text`. */
  trim(upTo: number): void;
}

/** The place in the original of a unit of the plain text; past its end, where the original goes on. */
export function rawOf(lens: Lens, index: number): number {
  const mark = lastMark(lens.at, index);
  return mark < 0 ? index : (lens.rawAt[mark] ?? 0) + index - (lens.at[mark] ?? 0);
}

/** The last unit of the plain text that starts before a place of the original, and one more. */
export function textEndBefore(lens: Lens, rawEnd: number): number {
  const mark = lastMark(lens.rawAt, rawEnd);
  if (mark < 0) return Math.min(rawEnd, lens.at[0] ?? rawEnd);
  const end = (lens.at[mark] ?? 0) + rawEnd - (lens.rawAt[mark] ?? 0);
  return Math.min(end, lens.at[mark + 1] ?? end);
}

function lastMark(marks: readonly number[], value: number): number {
  let low = 0;
  let high = marks.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((marks[middle] ?? 0) <= value) low = middle + 1;
    else high = middle;
  }
  return low - 1;
}

/** A lens on no text yet. It holds back at most sixteen units: half a surrogate pair or half an escape. */
export function createLens(): Lens {
  let seen = 0;
  const special = /[^\t-\r\x20-\x5b\x5d-\x7e]/g;
  const lens: Lens = {
    raw: '',
    text: '',
    at: [],
    rawAt: [],
    seen: () => seen,
    push(chunk, ended) {
      lens.raw += chunk;
      seen = advance(lens, seen, special, ended);
    },
    trim(upTo) {
      const rawUpTo = rawOf(lens, upTo);
      lens.raw = lens.raw.slice(rawUpTo);
      lens.text = lens.text.slice(upTo);
      seen -= rawUpTo;
      const keep = lastMark(lens.at, upTo) + 1;
      lens.at = lens.at.slice(keep).map((at) => at - upTo);
      lens.rawAt = lens.rawAt.slice(keep).map((at) => at - rawUpTo);
    },
  };
  return lens;
}

function advance(lens: Lens, from: number, special: RegExp, ended: boolean): number {
  const plain: string[] = [];
  let length = lens.text.length;
  let index = from;
  while (index < lens.raw.length) {
    special.lastIndex = index;
    const next = special.exec(lens.raw)?.index ?? lens.raw.length;
    if (next > index) plain.push(lens.raw.slice(index, next));
    length += next - index;
    index = next;
    if (index === lens.raw.length) break;
    const size = sizeAt(lens.raw, index, ended);
    if (size === 0) break;
    const folded = foldAt(lens.raw, index, size);
    plain.push(folded);
    length = markUnits(lens, length, folded.length, { from: index, to: index + size });
    index += size;
  }
  lens.text += plain.join('');
  return index;
}

/** Notes where the next unit starts; the units of an expansion all start where the character does. */
function markUnits(lens: Lens, at: number, count: number, raw: { from: number; to: number }): number {
  for (let unit = 1; unit < count; unit++) mark(lens, at + unit, raw.from);
  mark(lens, at + count, raw.to);
  return at + count;
}

function mark(lens: Lens, at: number, rawAt: number): void {
  const last = lens.at.length - 1;
  if (lens.at[last] === at) lens.rawAt[last] = rawAt;
  else if (rawOf(lens, at) !== rawAt) {
    lens.at.push(at);
    lens.rawAt.push(rawAt);
  }
}

const BACKSLASH = 92;
/** Escapes nest once per level of JSON in a string; three levels make seven backslashes. */
const BACKSLASHES_MAX = 8;

/** How many units of the original make one character here; 0 while that cannot be known. */
function sizeAt(raw: string, index: number, ended: boolean): number {
  const code = raw.charCodeAt(index);
  if (code === BACKSLASH) return escapeSize(raw, index, ended);
  if ((code & 0xfc00) !== 0xd800) return 1;
  if (index + 1 === raw.length) return ended ? 1 : 0;
  return (raw.charCodeAt(index + 1) & 0xfc00) === 0xdc00 ? 2 : 1;
}

function escapeSize(raw: string, index: number, ended: boolean): number {
  let end = index;
  while (end < raw.length && end - index < BACKSLASHES_MAX && raw.charCodeAt(end) === BACKSLASH) end++;
  if (end - index === BACKSLASHES_MAX) return BACKSLASHES_MAX;
  if (end === raw.length) return ended ? end - index : 0;
  const letter = raw.charAt(end);
  if ('"/bfnrt'.includes(letter)) return end + 1 - index;
  if (letter !== 'u') return end - index;
  const digits = /^[0-9a-fA-F]*/.exec(raw.slice(end + 1, end + 5))?.[0].length ?? 0;
  if (digits === 4) return end + 5 - index;
  return end + 1 + digits === raw.length && !ended ? 0 : end - index;
}

function foldAt(raw: string, index: number, size: number): string {
  if (raw.charCodeAt(index) !== BACKSLASH) return foldCharacter(raw.slice(index, index + size));
  const escaped = raw.slice(index, index + size).replace(/^\\+/, '');
  if (escaped.length === 5) return foldCode(Number.parseInt(escaped.slice(1), 16));
  if (escaped === '') return '\\';
  return escaped === '"' || escaped === '/' ? escaped : '\n';
}

function foldCode(code: number): string {
  if ((code >= 9 && code <= 13) || code === BACKSLASH) return '\n';
  return code >= 32 && code < 127 ? String.fromCharCode(code) : foldCharacter(String.fromCharCode(code));
}
