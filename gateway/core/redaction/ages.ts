import { isLetter } from './characters.ts';
import type { Finding } from './labels.ts';
import { afterSpaces, digitsEnd } from './numbers.ts';
import type { Scene } from './scene.ts';
import { codeAt, type Window, type Word } from './window.ts';
import { wordAt } from './word.ts';

const HYPHEN = 45;
const SLASH = 47;

/** An age of 90 or more: 92-year-old, 92 yo, 92 y/o, 92F, age 92; only the number is the identifier. */
export function findOldAge({ window, left }: Scene, at: number): Finding | null {
  const end = digitsEnd(window, at);
  if (end - at < 2 || end - at > 3) return null;
  const age = Number(window.text.slice(at, end));
  if (age < 90 || age > 125 || codeAt(window, end) === 43) return null;
  if (isLetter(left.previous) && !AGE_WORDS.has(left.lastWord?.word ?? '')) return null;
  if (AGE_WORDS.has(left.lastWord?.word ?? '') && !isMeasure(window, end)) return { end, label: 'AGE90' };
  return saysOld(window, end) ? { end, label: 'AGE90' } : null;
}

const AGE_WORDS = new Set(['age', 'aged']);

function isMeasure(window: Window, end: number): boolean {
  return [37, SLASH].includes(codeAt(window, end));
}

function saysOld(window: Window, end: number): boolean {
  const first = nextWord(window, end);
  if (first === null) return false;
  const word = spelt(window, first);
  if (word === 'yo' || word === 'yrold' || word === 'yom' || word === 'yof') return true;
  if (word === 'y') return isSlashOld(window, first.end);
  if ((word === 'f' || word === 'm') && first.start === end) return true;
  if (!/^(years?|yrs?)$/.test(word)) return false;
  const second = nextWord(window, first.end);
  if (second === null) return false;
  if (spelt(window, second) === 'old') return true;
  const third = nextWord(window, second.end);
  return spelt(window, second) === 'of' && third !== null && spelt(window, third) === 'age';
}

function isSlashOld(window: Window, end: number): boolean {
  return codeAt(window, end) === SLASH && (codeAt(window, end + 1) | 32) === 111;
}

function nextWord(window: Window, end: number): Word | null {
  if (codeAt(window, end) === HYPHEN) return wordAt(window, end + 1);
  const gap = afterSpaces(window, end);
  return wordAt(window, gap < 0 ? end : gap);
}

function spelt(window: Window, word: Word): string {
  return window.text.slice(word.start, word.end).toLowerCase();
}
