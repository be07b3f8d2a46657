import { isBlank, isDigit, isLetter } from './characters.ts';
import type { Finding } from './labels.ts';
import { MONTH, UNIT } from './lexicon.ts';
import { afterSpaces, digitsEnd, digitsOf, groupsAt, shapeUnits } from './numbers.ts';
import type { Scene } from './scene.ts';
import { codeAt, type Window, type Word } from './window.ts';
import { has, lettersAt, spell, wordAt } from './word.ts';

const COMMA = 44;
const HYPHEN = 45;
const DOT = 46;
const SLASH = 47;
const APOSTROPHE = 39;

/** A date in digits: 3/14/2021, 2021-03-14T09:26:53Z, 14.03.2021, 03/2021, 20210314, or 14 March 2021. */
export function findNumericDate({ window, left }: Scene, at: number): Finding | null {
  const named = dayFirstEnd(window, at);
  if (named > 0) return { end: named, label: 'DATE' };
  const groups = groupsAt(window, at, '/-.');
  if (groups.end - at < 3) return null;
  const shape = /^[124]([-/.])[12]\1[124](?=-|$)/.exec(groups.shape)?.[0] ?? groups.shape;
  const end = at + shapeUnits(shape);
  const digits = digitsOf(window, at, end);
  const cued = left.dated || left.about === 'birth';
  const kind = dateKind(shape, digits) ?? (left.about === 'birth' ? birthKind(shape, digits) : null);
  if (kind === null || (kind === 'short' && !cued)) return null;
  if (!cued && isLetter(left.previous) && kind !== 'full' && kind !== 'compact') return null;
  if (kind === 'compact' && !isCompactDate(digits) && !(cued && isDayAndYear(digits))) return null;
  if (kind === 'dotted' && !cued && !isDayFirst(digits, shape)) return null;
  return { end: kind === 'full' ? timeEnd(window, end) : end, label: 'DATE' };
}

/** "DOB 1931" shows an age over 89, and "DOB 010231" is a date only there. */
function birthKind(shape: string, digits: string): DateKind | null {
  if (shape === '4') return /^1(8\d\d|9[0-3]\d)$/.test(digits) ? 'month' : null;
  return shape === '6' && inYear(Number(digits.slice(0, 2)), Number(digits.slice(2, 4))) ? 'month' : null;
}

/** A date that starts with the month's name: March 14th, 2021; Mar 2021; March '21; March 14. */
export function findMonthDate({ window, left }: Scene, word: Word): Finding | null {
  if (!has(word, MONTH)) return null;
  const gap = gapAfter(window, word.end);
  const end = gap > 0 && isDigit(codeAt(window, gap)) ? afterMonth(window, gap) : yearTail(window, word.end);
  if (end < 0) return isCued(left, word) ? { end: word.end, label: 'DATE' } : null;
  if (word.shape === 'lower' && MODAL.has(word.entry?.word ?? '') && end - gap < 5) return null;
  return { end: Math.max(end, word.end), label: 'DATE' };
}

/** "last December", "last Thursday": when, by what is nearest. */
export function findLastDate(scene: Scene, word: Word): Finding | null {
  const { window } = scene;
  const gap = afterSpaces(window, word.end);
  const next = gap < 0 ? null : wordAt(window, gap);
  if (next === null || next.shape !== 'capital') return null;
  if (/^(mon|tues|wednes|thurs|fri|satur|sun)day$/.test(spell(window, next))) {
    return { end: next.end, label: 'DATE' };
  }
  const month = findMonthDate(scene, next);
  return month ?? (has(next, MONTH) ? { end: next.end, label: 'DATE' } : null);
}

/** "last December", "since June": a month that says when, though no day or year does. */
function isCued(left: Scene['left'], word: Word): boolean {
  return word.shape === 'capital' && MONTH_CUES.has(left.lastWord?.word ?? '');
}

const MONTH_CUES = new Set('last this next in since until through during of by'.split(' '));

/** Months that are plain words too, when written small. */
const MODAL = new Set(['may', 'march', 'mar', 'dec', 'jan', 'sep', 'oct']);

function gapAfter(window: Window, end: number): number {
  const dotted = codeAt(window, end) === DOT ? end + 1 : end;
  const mark = codeAt(window, dotted);
  if (mark === HYPHEN || mark === SLASH) return dotted + 1;
  return dotted > end && isDigit(mark) ? dotted : afterSpaces(window, dotted);
}

/** From a number after the month: a day with or without a year, a range of days, or a year. */
function afterMonth(window: Window, at: number): number {
  const end = digitsEnd(window, at);
  if (end - at === 4) return isYear(window, at) ? end : -1;
  if (end - at > 2 || !isDay(window, at, end)) return -1;
  const day = rangeEnd(window, ordinalEnd(window, end));
  const year = yearTail(window, day);
  if (year > 0) return timeEnd(window, year);
  return isQuantity(window, day) ? -1 : day;
}

function rangeEnd(window: Window, end: number): number {
  if (codeAt(window, end) !== HYPHEN || !isDigit(codeAt(window, end + 1))) return end;
  const last = digitsEnd(window, end + 1);
  return last - end <= 3 ? ordinalEnd(window, last) : end;
}

/** "-2021", ", 2021", " of 2021", " '21"; -1 when no year follows. */
function yearTail(window: Window, end: number): number {
  const mark = codeAt(window, end);
  let index = mark === COMMA || mark === HYPHEN || mark === SLASH ? end + 1 : end;
  if (codeAt(window, index) === DOT) index++;
  const spaced = afterSpaces(window, index);
  if (spaced < 0 && index === end) return -1;
  index = skipWord(window, Math.max(spaced, index), ['of', 'de', 'del']);
  if (codeAt(window, index) === APOSTROPHE) return twoDigits(window, index + 1);
  const last = digitsEnd(window, index);
  return last - index === 4 && isYear(window, index) ? last : -1;
}

function skipWord(window: Window, at: number, allowed: readonly string[]): number {
  const word = wordAt(window, at);
  if (word === null || word.end - at > 3 || !allowed.includes(window.text.slice(at, word.end).toLowerCase()))
    return at;
  const next = afterSpaces(window, word.end);
  return next < 0 ? at : next;
}

function twoDigits(window: Window, at: number): number {
  const end = digitsEnd(window, at);
  return end - at === 2 ? end : -1;
}

/** 14 March 2021, 14th of March, 14-Mar-21, 14 de marzo de 2021; -1 when there is none. */
function dayFirstEnd(window: Window, at: number): number {
  const digits = digitsEnd(window, at);
  if (digits - at > 2 || !isDay(window, at, digits)) return -1;
  const end = ordinalEnd(window, digits);
  const mark = codeAt(window, end);
  if (isMark(mark) || isLetter(mark)) return joinedEnd(window, isMark(mark) ? end + 1 : end);
  const gap = afterSpaces(window, end);
  if (gap < 0) return -1;
  const month = wordAt(window, skipWord(window, gap, ['of', 'de']));
  if (month === null || !has(month, MONTH)) return -1;
  const year = yearTail(window, month.end);
  if (year > 0) return timeEnd(window, year);
  return month.shape === 'lower' && MODAL.has(month.entry?.word ?? '') ? -1 : month.end;
}

function isMark(code: number): boolean {
  return code === HYPHEN || code === DOT || code === SLASH;
}

/** From a month joined to its day: -Mar-21, /Mar/2021, .Mar.2021, MAR2021; a hyphen alone joins enough. */
function joinedEnd(window: Window, at: number): number {
  const month = lettersAt(window, at);
  if (month === null || !has(month, MONTH)) return -1;
  const year = isMark(codeAt(window, month.end)) ? month.end + 1 : month.end;
  const size = digitsEnd(window, year) - year;
  if ((size === 4 && isYear(window, year)) || (size === 2 && year > month.end)) {
    return timeEnd(window, year + size);
  }
  return codeAt(window, at - 1) === HYPHEN && month.shape !== 'lower' ? month.end : -1;
}

type DateKind = 'dotted' | 'full' | 'short' | 'compact' | 'month';

function dateKind(shape: string, digits: string): DateKind | null {
  if (/^(4([-/.])[12]\2[12])$/.test(shape)) return valid(digits, shape, 'ymd') ? 'full' : null;
  if (/^([12]([-/.])[12]\2(2|4))$/.test(shape)) {
    if (!valid(digits, shape, 'mdy')) return null;
    return shape.endsWith('.2') ? 'dotted' : 'full';
  }
  if (/^[12][-/]4$/.test(shape)) return monthYear(digits, Number(shape.charAt(0))) ? 'month' : null;
  if (shape === '4-2') return monthYear(digits.slice(4) + digits.slice(0, 4), 2) ? 'month' : null;
  if (/^[12]\/[12]$/.test(shape)) return valid(`${digits}2000`, `${shape}/4`, 'mdy') ? 'short' : null;
  return shape === '8' ? 'compact' : null;
}

function monthYear(digits: string, size: number): boolean {
  const month = Number(digits.slice(0, size));
  return month >= 1 && month <= 12 && /^(19|20)\d\d$/.test(digits.slice(size));
}

function valid(digits: string, shape: string, order: 'ymd' | 'mdy'): boolean {
  const sizes = shape.split(/[-/.]/).map(Number);
  const first = Number(digits.slice(0, sizes[0]));
  const second = Number(digits.slice(sizes[0], (sizes[0] ?? 0) + (sizes[1] ?? 0)));
  const third = Number(digits.slice((sizes[0] ?? 0) + (sizes[1] ?? 0)));
  if (order === 'ymd') return first >= 1000 && inYear(second, third);
  const year = sizes[2] === 2 || (third >= 1000 && third <= 2999);
  return year && (inYear(first, second) || inYear(second, first));
}

function inYear(month: number, day: number): boolean {
  return month >= 1 && month <= 12 && day >= 1 && day <= 31;
}

function isCompactDate(digits: string): boolean {
  return /^(19[3-9]|20[0-4])\d(0[1-9]|1[0-2])(0[1-9]|[12]\d|3[01])$/.test(digits);
}

/** 01021931: month or day first, read so only behind a word of date. */
function isDayAndYear(digits: string): boolean {
  return valid(digits, '2/2/4', 'mdy');
}

/** 14.3.21 is a date where the first number is no month; 3.1.20 may as well be a section. */
function isDayFirst(digits: string, shape: string): boolean {
  return shape.startsWith('2') && Number(digits.slice(0, 2)) > 12;
}

function isDay(window: Window, at: number, end: number): boolean {
  const day = Number(window.text.slice(at, end));
  return day >= 1 && day <= 31;
}

function isYear(window: Window, at: number): boolean {
  return /^(1[89]|20)\d\d$/.test(window.text.slice(at, at + 4));
}

function ordinalEnd(window: Window, end: number): number {
  const word = wordAt(window, end);
  if (word === null || word.end - end !== 2) return end;
  return /^(st|nd|rd|th)$/i.test(window.text.slice(end, word.end)) ? word.end : end;
}

function isQuantity(window: Window, end: number): boolean {
  if (codeAt(window, end) === DOT && isDigit(codeAt(window, end + 1))) return true;
  const gap = afterSpaces(window, end);
  const word = wordAt(window, gap < 0 ? end : gap);
  return word !== null && has(word, UNIT);
}

/** A time of day right behind a date belongs to it: T09:26:53.589+01:00, 9:26 pm. */
function timeEnd(window: Window, end: number): number {
  const mark = codeAt(window, end);
  const start = mark === 84 ? end + 1 : afterSpaces(window, end);
  if (start < 0 || !isDigit(codeAt(window, start))) return end;
  const clock = groupsAt(window, start, ':.');
  if (!/^[12]:2(:2([.]\d+)?)?$/.test(clock.shape)) return end;
  return zoneEnd(window, clock.end);
}

function zoneEnd(window: Window, end: number): number {
  const code = codeAt(window, end);
  if (code === 90) return end + 1;
  if ((code === 43 || code === HYPHEN) && isDigit(codeAt(window, end + 1)))
    return groupsAt(window, end + 1, ':').end;
  const word = wordAt(window, isBlank(code) ? end + 1 : end);
  return word !== null && /^[ap]m$/i.test(window.text.slice(word.start, word.end)) ? word.end : end;
}
