import { classOf, isAlphanumeric, isDigit, isLetter, LINE } from './characters.ts';
import type { Finding } from './labels.ts';
import { afterSpaces, digitsEnd } from './numbers.ts';
import type { Left, Scene } from './scene.ts';
import { codeAt, NONE, type Window, type Word } from './window.ts';
import { spell, wordAt } from './word.ts';

const PERCENT = 37;
const PLUS = 43;
const HYPHEN = 45;
const DOT = 46;
const SLASH = 47;

/** An age of 90 or more: 92-year-old, 92 y.o., 92F, 91/M, aged 92, he is 92; only the number is the identifier. */
export function findOldAge({ window, left }: Scene, at: number): Finding | null {
  const end = digitsEnd(window, at);
  if (end - at < 2 || end - at > 3) return null;
  const age = Number(window.text.slice(at, end));
  if (age < 90 || age > 125 || codeAt(window, end) === PLUS) return null;
  return isAge(window, left, end) ? { end, label: 'AGE90' } : null;
}

function isAge(window: Window, left: Left, end: number): boolean {
  if (left.about === 'age') return !isMeasure(window, end);
  if (isLetter(left.previous)) return false;
  if (left.about === 'person' && standsAlone(window, end)) return true;
  return isSexed(window, left, end) || saysOld(window, left, end);
}

/** "age 92%", "age 92/105", "aged 90 days": no years. */
function isMeasure(window: Window, end: number): boolean {
  const code = codeAt(window, end);
  if (code === PERCENT || (code === SLASH && isDigit(codeAt(window, end + 1)))) return true;
  const next = nextWord(window, end);
  return next !== null && /^(days?|weeks?|months?|hours?|mins?|minutes?)$/.test(spell(window, next));
}

/** "he is 92.", "she was 92 and": no unit and no fraction follows. */
function standsAlone(window: Window, end: number): boolean {
  const code = codeAt(window, end);
  if (code === NONE || classOf(code) === LINE) return true;
  if (code === DOT || code === 44) return !isDigit(codeAt(window, end + 1));
  if (code === 59 || code === 33 || code === 63) return true;
  const next = nextWord(window, end);
  return next !== null && /^(and|with|who|now|today|but)$/.test(spell(window, next));
}

/** "92F", "91/M"; a temperature is no age. */
function isSexed(window: Window, left: Left, end: number): boolean {
  const slash = codeAt(window, end) === SLASH;
  const letter = codeAt(window, slash ? end + 1 : end) | 32;
  if (letter !== 102 && letter !== 109) return false;
  if (isAlphanumeric(codeAt(window, slash ? end + 2 : end + 1))) return false;
  return !/^(temp|temperature|fever)$/.test(left.lastWord?.word ?? '') && left.previous !== SLASH;
}

function saysOld(window: Window, left: Left, end: number): boolean {
  const first = nextWord(window, end);
  if (first === null) return false;
  const word = spell(window, first);
  if (/^(yo|yrold|yom|yof)$/.test(word)) return true;
  if (word === 'y') return isAbbreviated(window, first.end);
  return /^(years?|yrs?)$/.test(word) && isYears(window, left, first);
}

/** "y/o", "y.o.", "y-o". */
function isAbbreviated(window: Window, end: number): boolean {
  const mark = codeAt(window, end);
  const letter = mark === DOT && codeAt(window, end + 1) === 32 ? end + 2 : end + 1;
  if (mark !== SLASH && mark !== DOT && mark !== HYPHEN) return false;
  return (codeAt(window, letter) | 32) === 111 && !isAlphanumeric(codeAt(window, letter + 1));
}

/** "92 years old", "92 years of age", and "92 yrs" where no stretch of time is meant. */
function isYears(window: Window, left: Left, years: Word): boolean {
  const second = nextWord(window, years.end);
  if (second === null) return !STRETCHES.has(left.lastWord?.word ?? '');
  const word = spell(window, second);
  if (word !== 'of') return BEHIND_AGES.has(word);
  const third = nextWord(window, second.end);
  return third !== null && spell(window, third) === 'age';
}

const STRETCHES = new Set(['for', 'over', 'in', 'last', 'past', 'within', 'than', 'every', 'about', 'of']);
const BEHIND_AGES = new Set(
  'old m f man woman male female lady gentleman patient pt veteran caucasian white black with who'.split(' '),
);

const UNITS = new Set('one two three four five six seven eight nine'.split(' '));

/** An age over 89 in words: ninety-two-year-old, ninety years of age, nonagenarian. */
export function findSpeltAge({ window, left }: Scene, word: Word): Finding | null {
  const text = spell(window, word);
  if (/^(nonagenarian|centenarian)s?$/.test(text)) return { end: word.end, label: 'AGE90' };
  if (text !== 'ninety') return null;
  const next = nextWord(window, word.end);
  const end = next !== null && UNITS.has(spell(window, next)) ? next.end : word.end;
  if (left.about === 'age') return isMeasure(window, end) ? null : { end, label: 'AGE90' };
  return saysOld(window, left, end) ? { end, label: 'AGE90' } : null;
}

function nextWord(window: Window, end: number): Word | null {
  if (codeAt(window, end) === HYPHEN) return wordAt(window, end + 1);
  const gap = afterSpaces(window, end);
  return wordAt(window, gap < 0 ? end : gap);
}
