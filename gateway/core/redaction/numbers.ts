import { classOf, DIGIT, isAlphanumeric, isDigit, LOWER } from './characters.ts';
import { codeAt, type Window } from './window.ts';

const HYPHEN = 45;
const SPACE = 32;

/** Digits in groups, joined by one of the given separators at a time. */
export interface Groups {
  readonly end: number;
  /** Lengths of the groups with the separators between, such as `3-2-4`. */
  readonly shape: string;
}

/** No identifier has more groups than this. */
const GROUPS_MAX = 9;

/** Reads groups of digits from here on, at most nine and 40 units. */
export function groupsAt(window: Window, at: number, separators: string): Groups {
  let start = at;
  let shape = '';
  for (let groups = 1; ; groups++) {
    const end = digitsEnd(window, start);
    shape += String(end - start);
    const next = codeAt(window, end);
    const joins = groups < GROUPS_MAX && end - at < 40 && isSeparator(next, separators);
    if (!joins || !isDigit(codeAt(window, end + 1))) return { end, shape };
    shape += String.fromCharCode(next);
    start = end + 1;
  }
}

function isSeparator(code: number, separators: string): boolean {
  for (let i = 0; i < separators.length; i++) if (separators.charCodeAt(i) === code) return true;
  return false;
}

/** The digits alone of a stretch of text. */
export function digitsOf(window: Window, at: number, end: number): string {
  return window.text.slice(at, end).replace(/\D/g, '');
}

/** The units that a part of a shape such as `3-2-4` stands for. */
export function shapeUnits(shape: string): number {
  return shape.split(/[^\d]/).reduce((sum, size) => sum + Number(size) + 1, -1);
}

/** Where a run of digits ends. */
export function digitsEnd(window: Window, at: number): number {
  let end = at;
  while (isDigit(codeAt(window, end))) end++;
  return end;
}

/** True unless more digits follow, hyphen or not. Letters do not count: what is glued on hides nothing. */
export function endsWhole(window: Window, end: number): boolean {
  const next = codeAt(window, end);
  if (isDigit(next)) return false;
  return next !== HYPHEN || !isDigit(codeAt(window, end + 1));
}

/** Skips blanks of one line, at most three; -1 when none is here. */
export function afterSpaces(window: Window, at: number): number {
  let end = at;
  while (end - at < 3 && codeAt(window, end) === SPACE) end++;
  return end === at ? -1 : end;
}

/** A token of letters, digits and single joining marks, with a count of its digits and letters. */
export interface Token {
  readonly end: number;
  readonly digits: number;
  readonly letters: number;
}

/** Reads an identifier-like token, such as `AB-123/4`. */
export function tokenAt(window: Window, at: number): Token {
  let index = at;
  let digits = 0;
  let letters = 0;
  for (;;) {
    const code = codeAt(window, index);
    const kind = classOf(code);
    if (kind === DIGIT) digits++;
    else if (kind >= LOWER) letters++;
    else if (!isJoin(code) || !isAlphanumeric(codeAt(window, index + 1)))
      return { end: index, digits, letters };
    index++;
  }
}

function isJoin(code: number): boolean {
  return code === HYPHEN || code === 47 || code === 46 || code === 95;
}
