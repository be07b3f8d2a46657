import { isUpper } from './characters.ts';
import { COMPOUND, flagsOf, INSTITUTION, PLAIN, SITE } from './lexicon.ts';
import { afterSpaces } from './numbers.ts';
import { nextWord } from './phrase.ts';
import { codeAt, type Window, type Word } from './window.ts';
import { has, spell, wordAt } from './word.ts';

const APOSTROPHE = 39;
const DOT = 46;

/** Where a place of care that is known by its name alone ends, or -1. */
export function knownInstitution(window: Window, word: Word): number {
  const end = bareInstitution(window, word);
  return end > 0 && codeAt(window, end) === APOSTROPHE ? pieceEnd(window, end) : end;
}

/** "Brigham & Women's": the possessive belongs to the name. */
function pieceEnd(window: Window, end: number): number {
  const tail = wordAt(window, end + 1);
  return tail !== null && spell(window, tail) === 's' ? tail.end : end;
}

function bareInstitution(window: Window, word: Word): number {
  if (has(word, INSTITUTION) && word.shape === 'upper') {
    const site = nextWord(window, word.end);
    if (site !== null && has(site, SITE)) return site.end;
    return kindEnd(window, word.end);
  }
  if (!has(word, COMPOUND)) return -1;
  const compound = compoundAt(window, word);
  return (compound.flags & INSTITUTION) !== 0 ? compound.end : -1;
}

/** "UCLA med center", "Georgetown Med": the kind of place behind a name that is enough, written small too. */
export function kindEnd(window: Window, end: number): number {
  const first = nextWord(window, end);
  if (first === null || !/^(med|medical|health|hospital|clinic|center)$/.test(spell(window, first)))
    return end;
  const second = nextWord(window, first.end);
  return second !== null && /^(center|ctr|system|clinic)$/.test(spell(window, second))
    ? second.end
    : first.end;
}

/** Known names of two or three words, joined by a blank or a hyphen. */
export function compoundAt(window: Window, word: Word): { flags: number; end: number } {
  const second = joined(window, word.end);
  if (second === null) return { flags: 0, end: -1 };
  const two = `${spell(window, word)}-${spell(window, second)}`;
  const third = has(second, PLAIN) || second.end - second.start < 6 ? joined(window, second.end) : null;
  const three = third === null ? 0 : flagsOf(`${two}-${spell(window, third)}`);
  if (three !== 0 && third !== null) return { flags: three, end: third.end };
  return { flags: flagsOf(two), end: second.end };
}

function joined(window: Window, end: number): Word | null {
  const dotted = codeAt(window, end) === DOT ? end + 1 : end;
  const gap =
    codeAt(window, dotted) === 45 ? dotted + 1 : ampersandEnd(window, possessiveEnd(window, dotted));
  if (gap < 0 || !isUpper(codeAt(window, gap))) return null;
  return wordAt(window, gap);
}

/** "John's Hopkins" is written as often as not. */
function possessiveEnd(window: Window, end: number): number {
  return codeAt(window, end) === APOSTROPHE ? pieceEnd(window, end) : end;
}

/** Behind the blanks, and behind "& " between two words of a name. */
function ampersandEnd(window: Window, end: number): number {
  const gap = afterSpaces(window, end);
  return gap > 0 && codeAt(window, gap) === 38 ? afterSpaces(window, gap + 1) : gap;
}
