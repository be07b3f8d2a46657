import { classOf, DIGIT, LOWER, UPPER } from './characters.ts';
import { EMPTY_HASH, entryOf, findEntry, hashLetter } from './lexicon.ts';
import { codeAt, type Shape, type Window, WORDS_KEPT, type Word } from './window.ts';

/** The longest word the lexicon is asked about. */
const ENTRY_UNITS_MAX = 20;

/** The word that starts here, or null when no letter does. */
export function wordAt(window: Window, start: number): Word | null {
  const known = window.words[start & (WORDS_KEPT - 1)];
  if (known?.start === start) return known;
  const word = readWord(window, start);
  if (word !== null && word.end < window.limit) window.words[start & (WORDS_KEPT - 1)] = word;
  return word;
}

/** The letters that start here, without the digits glued to them, or null when no letter does. */
export function lettersAt(window: Window, start: number): Word | null {
  return readWord(window, start, LOWER);
}

function readWord(window: Window, start: number, least = DIGIT): Word | null {
  const first = classOf(codeAt(window, start));
  if (first < LOWER) return null;
  const { text, limit } = window;
  let hash = EMPTY_HASH;
  let end = start;
  let digits = 0;
  let capitals = 0;
  for (; end < limit; end++) {
    const code = text.charCodeAt(end);
    const kind = classOf(code);
    if (kind < least) break;
    if (kind === UPPER) capitals++;
    else if (kind === DIGIT) digits++;
    hash = hashLetter(hash, kind === UPPER ? code | 32 : code);
  }
  const length = end - start;
  window.steps += length;
  codeAt(window, end);
  const entry = length > ENTRY_UNITS_MAX ? null : findEntry(text, start, length, hash);
  return {
    start,
    end,
    shape: shapeOf(first, capitals, length),
    digits,
    entry,
    flags: entry === null ? 0 : entry.flags,
  };
}

/** Letters with a full stop behind each, such as "M.R.N.", that make a listed label; null for any other. */
export function dottedAt(window: Window, word: Word, flags: number): Word | null {
  let end = word.start;
  let letters = '';
  while (letters.length < 5 && classOf(codeAt(window, end)) >= LOWER && codeAt(window, end + 1) === 46) {
    letters += window.text.charAt(end).toLowerCase();
    end += 2;
  }
  const entry = letters.length < 2 ? null : entryOf(letters);
  if (entry === null || (entry.flags & flags) === 0) return null;
  return { start: word.start, end, shape: 'upper', digits: 0, entry, flags: entry.flags };
}

/** True when any of the flags is set. */
export function has(word: Word, flags: number): boolean {
  return (word.flags & flags) !== 0;
}

/** The word as it stands, in lower case. */
export function spell(window: Window, word: Word): string {
  return window.text.slice(word.start, word.end).toLowerCase();
}

function shapeOf(first: number, capitals: number, length: number): Shape {
  if (first !== UPPER) return 'lower';
  if (length === 1) return 'initial';
  return capitals === length ? 'upper' : 'capital';
}
