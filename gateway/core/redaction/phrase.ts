import { isUpper } from './characters.ts';
import { afterSpaces } from './numbers.ts';
import { codeAt, type Window, type Word } from './window.ts';
import { wordAt } from './word.ts';

const APOSTROPHE = 39;
const HYPHEN = 45;
const DOT = 46;

/** One capitalised word of a phrase, with what is glued to it: O'Brien, Smith-Jones, Q., St. */
export interface Piece {
  readonly word: Word;
  readonly end: number;
  /** Where it ends without a possessive 's. */
  readonly bare: number;
  /** A dot closed it: an initial or an abbreviation. */
  readonly dotted: boolean;
  /** The last word glued on, for names such as Smith-Jones. */
  readonly tail: Word;
}

/** The capitalised words from here on, joined by blanks, at most `max`. */
export function phraseAt(window: Window, first: Word, max: number): Piece[] {
  const pieces: Piece[] = [];
  let word: Word | null = first;
  while (word !== null && pieces.length < max) {
    const piece = pieceFrom(window, word);
    pieces.push(piece);
    if (piece.bare !== piece.end) break;
    word = nextCapital(window, piece.end);
  }
  return pieces;
}

/** The capitalised word behind a blank, or null. */
export function nextCapital(window: Window, end: number): Word | null {
  const gap = afterSpaces(window, end);
  if (gap < 0 || !isUpper(codeAt(window, gap))) return null;
  return wordAt(window, gap);
}

/** The word behind a blank, whatever its case, or null. */
export function nextWord(window: Window, end: number): Word | null {
  const gap = afterSpaces(window, end);
  return gap < 0 ? null : wordAt(window, gap);
}

/** One capitalised word with what is glued to it. */
export function pieceFrom(window: Window, word: Word): Piece {
  let tail = word;
  for (let joins = 0; joins < 3; joins++) {
    const mark = codeAt(window, tail.end);
    if (mark !== HYPHEN && mark !== APOSTROPHE) break;
    if (!isUpper(codeAt(window, tail.end + 1))) break;
    const next = wordAt(window, tail.end + 1);
    if (next === null || (mark === APOSTROPHE && next.shape === 'initial')) break;
    tail = next;
  }
  return finishPiece(window, word, tail);
}

function finishPiece(window: Window, word: Word, tail: Word): Piece {
  const bare = tail.end;
  if (codeAt(window, bare) === APOSTROPHE && (codeAt(window, bare + 1) | 32) === 115) {
    const after = wordAt(window, bare + 1);
    if (after !== null && after.end === bare + 2) return { word, tail, bare, end: bare + 2, dotted: false };
  }
  const dotted = codeAt(window, bare) === DOT && word === tail && isShortened(window, word);
  const end = dotted ? bare + 1 : bare;
  return { word, tail, bare: end, end, dotted };
}

function isShortened(window: Window, word: Word): boolean {
  return word.shape === 'initial' || ABBREVIATIONS.has(word.entry?.word ?? spelt(window, word));
}

const ABBREVIATIONS = new Set(['st', 'mt', 'ft', 'med', 'jr', 'sr', 'dr', 'univ', 'gen', 'mem']);

function spelt(window: Window, word: Word): string {
  return word.end - word.start > 4 ? '' : window.text.slice(word.start, word.end).toLowerCase();
}
