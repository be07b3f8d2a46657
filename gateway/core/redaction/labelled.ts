import { isAlphanumeric, isBlank, isDigit } from './characters.ts';
import type { Finding } from './labels.ts';
import { CROWD, MEASURE, UNIT } from './lexicon.ts';
import { afterSpaces, digitsEnd, digitsOf, endsWhole, groupsAt, type Token, tokenAt } from './numbers.ts';
import { extensionEnd } from './phones.ts';
import type { Context, Scene } from './scene.ts';
import { codeAt, type Window } from './window.ts';
import { has, wordAt } from './word.ts';

const PERCENT = 37;
const HYPHEN = 45;
const DOT = 46;
const SLASH = 47;

/** A number or code behind its label: MRN 12345, policy no. AB-1234, SSN 123 45 6789. */
export function findLabelled({ window, left }: Scene, at: number): Finding | null {
  const context = left.context;
  if (context === null) return null;
  const token = tokenAt(window, at);
  if (token.digits === 0) return null;
  if (context.label === 'GEO') return labelledZip(window, at, context);
  if (context.label === 'PHONE' || context.label === 'FAX') return labelledPhone(window, at, context);
  const number = spacedNumber(window, token, context);
  if (!isEnough(window, at, { token, number }, context)) return null;
  if (isQuantity(window, at, number, context)) return null;
  return { end: number.end, label: context.label };
}

interface Seen {
  readonly token: Token;
  /** The token with the groups of digits that go on behind a blank. */
  readonly number: Token;
}

function isEnough(window: Window, at: number, { token, number }: Seen, context: Context): boolean {
  if (number.digits >= 8) return true;
  if (!context.tight) return token.digits >= 6 || (token.letters > 0 && token.digits >= 5);
  if (/^(19|20)\d\d$/.test(window.text.slice(at, token.end)) && !(context.marked || context.strong))
    return false;
  if (context.strong || context.marked) return token.digits >= 3 || token.digits + token.letters >= 5;
  if (context.label === 'VEHICLE' && token.letters > 0 && token.digits + token.letters >= 5) return true;
  return token.digits >= 5;
}

/** Groups of digits that go on after a blank belong to the number, while it is short. */
function spacedNumber(window: Window, token: Token, context: Context): Token {
  const most = context.label === 'SSN' ? 9 : 16;
  let { end, digits } = token;
  while (digits < most) {
    const start = groupBehind(window, end, context);
    if (start < 0) break;
    const next = digitsEnd(window, start);
    if (next - start < 2 || (context.label !== 'SSN' && isApart(window, next, digits))) break;
    digits += next - start;
    end = next;
  }
  return { end, digits, letters: token.letters };
}

/** Where the next group of digits starts: behind a blank, or, as a number broken over two lines does, behind a line end. */
function groupBehind(window: Window, end: number, { tight, label }: Context): number {
  if (codeAt(window, end) === 32 && isDigit(codeAt(window, end + 1))) return end + 1;
  const hyphen = codeAt(window, end) === HYPHEN;
  if (!tight || (!hyphen && label !== 'SSN')) return -1;
  const line = hyphen ? end + 1 : end;
  let start = line;
  while (start - line < 3 && isBlank(codeAt(window, start))) start++;
  return start > line && isDigit(codeAt(window, start)) ? start : -1;
}

/** "MRN 123456 500 mg": a number that is complete already, and then an amount or another code. */
function isApart(window: Window, end: number, digitsBefore: number): boolean {
  const next = codeAt(window, end);
  if (isAlphanumeric(next)) return true;
  if ((next === DOT || next === SLASH) && isDigit(codeAt(window, end + 1))) return true;
  return digitsBefore >= 5 && digitsBefore < 9 && unitFlags(window, end) !== 0;
}

/** A number of this many digits is no amount unless it is round. */
const AMOUNT_DIGITS_MAX = 6;

/** An amount rather than a number that names: told by the unit behind it, where the label leaves room for doubt. */
function isQuantity(window: Window, at: number, number: Token, context: Context): boolean {
  const unit = unitFlags(window, number.end);
  if (unit === 0) return false;
  if (context.tight && context.strong) return number.digits < 4;
  if (number.digits > AMOUNT_DIGITS_MAX) return isRoundAmount(window, at, number.end);
  if (!context.tight || number.digits < 5 || (unit & MEASURE) !== 0) return true;
  return (unit & CROWD) !== 0 && !context.marked;
}

/** "250000000 copies": long and yet an amount, because it is round and what follows is counted or measured. */
export function isRoundAmount(window: Window, at: number, end: number): boolean {
  return /^\d+000$/.test(window.text.slice(at, end)) && (unitFlags(window, end) & (MEASURE | CROWD)) !== 0;
}

/** What kind of unit stands behind a number: 0 for none. */
function unitFlags(window: Window, end: number): number {
  if (codeAt(window, end) === PERCENT) return UNIT | MEASURE;
  const gap = afterSpaces(window, end);
  const word = gap < 0 ? null : wordAt(window, gap);
  return word === null || word.shape === 'upper' || !has(word, UNIT) ? 0 : word.flags;
}

function labelledZip(window: Window, at: number, context: Context): Finding | null {
  const { end, shape } = groupsAt(window, at, '-');
  return context.tight && (shape === '5' || shape === '5-4') ? { end, label: 'GEO', part: 'zip' } : null;
}

function labelledPhone(window: Window, at: number, context: Context): Finding | null {
  const first = groupsAt(window, at, ' -./').end;
  const broken = groupBehind(window, first, context);
  const end = broken > first + 1 ? groupsAt(window, broken, ' -./').end : first;
  const digits = digitsOf(window, at, end);
  const least = context.tight ? 7 : 10;
  if (digits.length < least || digits.length > 15 || !endsWhole(window, end)) return null;
  return { end: extensionEnd(window, end), label: context.label };
}
