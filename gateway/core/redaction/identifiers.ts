import { isAlphanumeric, isDigit } from './characters.ts';
import { isIpv4, isIpv6, passesDea, passesIban, passesLuhn, passesVin } from './checksums.ts';
import type { Finding, Label } from './labels.ts';
import { UNIT } from './lexicon.ts';
import {
  afterSpaces,
  digitsEnd,
  digitsOf,
  endsWhole,
  groupsAt,
  shapeUnits,
  type Token,
  tokenAt,
} from './numbers.ts';
import type { Context, Scene } from './scene.ts';
import { codeAt, type Window } from './window.ts';
import { has, wordAt } from './word.ts';

const COLON = 58;

/** A number or code behind its label: MRN 12345, policy no. AB-1234, SSN 123 45 6789. */
export function findLabelled({ window, left }: Scene, at: number): Finding | null {
  const context = left.context;
  if (context === null) return null;
  const token = tokenAt(window, at);
  if (token.digits === 0 || isQuantity(window, token.end)) return null;
  if (context.label === 'GEO') return labelledZip(window, at, context);
  if (context.label === 'PHONE' || context.label === 'FAX') return labelledPhone(window, at, context);
  if (!isEnough(window, at, token, context)) return null;
  return { end: spacedEnd(window, token), label: context.label };
}

function isEnough(window: Window, at: number, token: Token, context: Context): boolean {
  const text = window.text.slice(at, token.end);
  if (!context.tight) return token.digits >= 6 || (token.letters > 0 && token.digits >= 5);
  if (/^(19|20)\d\d$/.test(text) && !(context.marked || context.strong)) return false;
  if (context.strong || context.marked) return token.digits >= 3 || token.digits + token.letters >= 5;
  return token.digits >= 5;
}

/** Groups of digits that go on after a blank belong to the number, while it is short. */
function spacedEnd(window: Window, token: Token): number {
  let end = token.end;
  let digits = token.digits;
  while (digits < 16 && codeAt(window, end) === 32 && isDigit(codeAt(window, end + 1))) {
    const next = digitsEnd(window, end + 1);
    if (isAlphanumeric(codeAt(window, next)) || next - end < 3 || isQuantity(window, next)) break;
    digits += next - end - 1;
    end = next;
  }
  return end;
}

function isQuantity(window: Window, end: number): boolean {
  if (codeAt(window, end) === 37) return true;
  const gap = afterSpaces(window, end);
  const word = gap < 0 ? null : wordAt(window, gap);
  return word !== null && has(word, UNIT) && word.shape !== 'upper';
}

function labelledZip(window: Window, at: number, context: Context): Finding | null {
  const { end, shape } = groupsAt(window, at, '-');
  return context.tight && (shape === '5' || shape === '5-4') ? { end, label: 'GEO', part: 'zip' } : null;
}

function labelledPhone(window: Window, at: number, context: Context): Finding | null {
  const { end } = groupsAt(window, at, ' -./');
  const digits = digitsOf(window, at, end);
  const least = context.tight ? 7 : 10;
  if (digits.length < least || digits.length > 15 || !endsWhole(window, end)) return null;
  return { end: extensionEnd(window, end), label: context.label };
}

/** A US social security number by its groups; with blanks only where its ranges are kept. */
export function findSsn({ window }: Scene, at: number): Finding | null {
  if (digitsEnd(window, at) - at !== 3) return null;
  const { shape } = groupsAt(window, at, '- .');
  const match = /^3([-. ])2\1(4)(?= |$)/.exec(shape);
  const end = at + 11;
  if (match === null || !endsWhole(window, end)) return null;
  if (match[1] === '-') return { end, label: 'SSN' };
  return /^(?!000|666|9)\d{3}(?!00)\d{2}(?!0000)\d{4}/.test(digitsOf(window, at, end))
    ? { end, label: 'SSN' }
    : null;
}

/** A telephone number: (555) 123-4567, 555.123.4567, +1 555 123 4567, +44 20 7946 0958, 1-800-555-0199. */
export function findPhone({ window, left }: Scene, at: number): Finding | null {
  const first = codeAt(window, at);
  const label: Label = left.context?.label === 'FAX' ? 'FAX' : 'PHONE';
  if (first === 40) return parenthesised(window, at, label);
  const plus = first === 43 ? 1 : 0;
  if (!isDigit(codeAt(window, at + plus))) return null;
  if (plus === 0 && !startsPhone(window, at)) return null;
  const { end, shape } = groupsAt(window, at + plus, '- .');
  if (plus === 1) return plusPhone(window, at + 1, end, label);
  if (/^1[-. ]$/.test(window.text.slice(at, end)) || (shape === '1' && codeAt(window, end) === 32)) {
    return codeAt(window, end + 1) === 40 ? parenthesised(window, end + 1, label) : null;
  }
  const match = /^(1[-. ])?3([-. ])3[-. ]4(?= |$)/.exec(shape);
  if (match === null) return null;
  const last = at + shapeUnits(match[0]);
  return endsWhole(window, last) ? { end: extensionEnd(window, last), label } : null;
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
  return codeAt(window, gap) === 40 ? parenthesised(window, gap, label) : null;
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

function extensionEnd(window: Window, end: number): number {
  const gap = afterSpaces(window, codeAt(window, end) === 44 ? end + 1 : end);
  const word = wordAt(window, gap < 0 ? end : gap);
  if (word === null || !/^(x|ext|extension)\d*$/i.test(window.text.slice(word.start, word.end))) return end;
  if (word.digits > 0) return word.end;
  const dotted = codeAt(window, word.end) === 46 ? word.end + 1 : word.end;
  const space = afterSpaces(window, dotted);
  const last = digitsEnd(window, space < 0 ? dotted : space);
  return last > dotted && isDigit(codeAt(window, last - 1)) ? last : end;
}

/** A payment card or another long number: Luhn for grouped ones, nine digits or more for plain ones. */
export function findLongNumber({ window, left }: Scene, at: number): Finding | null {
  const plain = digitsEnd(window, at);
  const card = plain - at === 4 ? cardFrom(window, at) : null;
  if (card !== null) return card;
  if (plain - at === 5 && groupsAt(window, at, '-').shape === '5-4')
    return { end: at + 10, label: 'GEO', part: 'zip' };
  if (plain - at >= 9) return plainNumber({ window, left }, at, plain);
  const joined = groupsAt(window, at, '-');
  if (digitsOf(window, at, joined.end).length < 9 || !endsWhole(window, joined.end)) return null;
  return { end: joined.end, label: 'OTHER_ID' };
}

function cardFrom(window: Window, at: number): Finding | null {
  const { end, shape } = groupsAt(window, at, '- ');
  const grouped = /^4(?:-4-4-[1-7]|-6-[45]|-4-4-4-[1-3]| 4 4 [1-7]| 6 [45]| 4 4 4 [1-3])$/.test(shape);
  return grouped && passesLuhn(digitsOf(window, at, end)) ? { end, label: 'ACCOUNT' } : null;
}

function plainNumber({ window, left }: Scene, at: number, end: number): Finding | null {
  if (left.publicCode || isQuantity(window, end)) return null;
  const next = codeAt(window, end);
  if (next === 46 && isDigit(codeAt(window, end + 1)) && end - at < 12) return null;
  const digits = window.text.slice(at, end);
  if (digits.length >= 13 && digits.length <= 19 && passesLuhn(digits)) return { end, label: 'ACCOUNT' };
  if (digits.length === 10 && /^[2-9]\d{2}[2-9]/.test(digits)) return { end, label: 'PHONE' };
  return { end, label: 'OTHER_ID' };
}

/** An IPv4 or IPv6 address, or the hardware address of a device. */
export function findNetworkAddress({ window }: Scene, at: number): Finding | null {
  let end = at;
  let colons = 0;
  while (end - at < 46 && colons <= 8 && isNetwork(codeAt(window, end)))
    if (codeAt(window, end++) === COLON) colons++;
  if (colons > 8 || end - at < 6) return null;
  const text = window.text.slice(at, end);
  const four = /^(?:\d{1,3}\.){3}\d{1,3}(?![.\d]*\d)/.exec(text)?.[0];
  if (four !== undefined) return isIpv4(four) ? { end: at + four.length, label: 'IP' } : null;
  const whole = text.replace(/[.:-]+$/, '');
  if (whole.length < 6 || isAlphanumeric(codeAt(window, at + whole.length))) return null;
  if (/^([0-9a-f]{2}[:-]){5}[0-9a-f]{2}$/i.test(whole)) return { end: at + whole.length, label: 'DEVICE' };
  return whole.includes(':') && isIpv6(whole) ? { end: at + whole.length, label: 'IP' } : null;
}

function isNetwork(code: number): boolean {
  if (isDigit(code) || code === 46 || code === 58 || code === 45) return true;
  const lower = code | 32;
  return lower >= 97 && lower <= 102;
}

/** Codes told by their own form: VIN, IBAN, DEA number, Medicare number, and letters with six digits or more. */
export function findCode({ window, left }: Scene, at: number): Finding | null {
  const token = tokenAt(window, at);
  if (token.digits < 5 || token.letters === 0) return null;
  const [text] = window.text.slice(at, token.end).split(/[./_]/, 1);
  if (text === undefined) return null;
  const end = at + text.length;
  const label = codeLabel(text);
  if (label !== null) return { end, label };
  if (left.publicCode || PUBLIC_PREFIX.test(text)) return null;
  const code = LETTERED_NUMBER.exec(text)?.[0];
  return code === undefined ? null : { end: at + code.length, label: 'OTHER_ID' };
}

/** One letter may close the number; a word glued on is no part of it, and hides nothing. */
const LETTERED_NUMBER = /^[A-Z]{1,5}-?\d{6,}(?:-\d+)*(?:[A-Z](?![A-Za-z0-9]))?/;

const PUBLIC_PREFIX =
  /^(NCT|PMC|PMID|ISRCTN|GSE|CHEMBL|DB|CVE|ENSG|RCV|VCV|HP|GO|MONDO|ICD|CPT|LOINC|ISBN|DOI)/;

function codeLabel(text: string): Label | null {
  if (/^[1-9][A-Z][A-Z0-9]\d-?[A-Z][A-Z0-9]\d-?[A-Z]{2}\d{2}$/.test(text)) return 'HPBN';
  if (text.length === 17 && passesVin(text)) return 'VEHICLE';
  if (text.length === 9 && passesDea(text)) return 'LICENSE';
  return text.length >= 15 && passesIban(text) ? 'ACCOUNT' : null;
}

/** The end of a UUID that starts here, or -1: it names a resource, and is passed over. */
export function uuidEnd(window: Window, at: number): number {
  let index = at;
  for (const size of [8, 4, 4, 4, 12]) {
    const start = index;
    while (index - start <= size && isHexadecimal(codeAt(window, index))) index++;
    if (index - start !== size) return -1;
    if (size !== 12 && codeAt(window, index++) !== 45) return -1;
  }
  return index;
}

function isHexadecimal(code: number): boolean {
  const lower = code | 32;
  return isDigit(code) || (lower >= 97 && lower <= 102);
}
