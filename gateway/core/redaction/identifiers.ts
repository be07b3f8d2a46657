import { isAlphanumeric, isDigit } from './characters.ts';
import { isIpv4, isIpv6, passesDea, passesIban, passesLuhn, passesVin } from './checksums.ts';
import { isRoundAmount } from './labelled.ts';
import type { Finding, Label } from './labels.ts';
import { digitsEnd, digitsOf, endsWhole, groupsAt, tokenAt } from './numbers.ts';
import type { Scene } from './scene.ts';
import { codeAt, type Window } from './window.ts';

const COLON = 58;

/** A payment card by its issuer, its groups and its check digit. */
export function findCard({ window }: Scene, at: number): Finding | null {
  const plain = digitsEnd(window, at);
  if (plain - at === 4) return cardFrom(window, at);
  const digits = window.text.slice(at, plain);
  if (!ISSUED.test(digits) || isSnomedExtension(digits) || !passesLuhn(digits)) return null;
  return { end: plain, label: 'ACCOUNT' };
}

/** American Express, Visa, Mastercard, Discover: the beginnings and lengths of ISO/IEC 7812 that they issue. */
const ISSUED = /^(?:3[47]\d{13}|4\d{15}|5[1-5]\d{14}|2[2-7]\d{14}|6(?:011|5\d\d)\d{12})$/;

/** SNOMED CT identifiers of an extension: a namespace from 1000000 on, a partition of two digits, a check digit. */
function isSnomedExtension(digits: string): boolean {
  return /1000\d{3}1[0-2]\d$/.test(digits);
}

/** Another long number: nine digits or more, in one run or joined by hyphens. */
export function findLongNumber({ window, left }: Scene, at: number): Finding | null {
  const plain = digitsEnd(window, at);
  if (plain - at === 5 && groupsAt(window, at, '-').shape === '5-4')
    return { end: at + 10, label: 'GEO', part: 'zip' };
  if (plain - at < 9 && codeAt(window, plain) !== 45) return null;
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
  if (left.publicCode || isRoundAmount(window, at, end)) return null;
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
  if (token.end === at + 4 && token.letters === 2) return spacedIban(window, at);
  if (token.digits < 5 || token.letters === 0) return null;
  const [text] = window.text.slice(at, token.end).split(/[./_]/, 1);
  if (text === undefined) return null;
  const end = at + text.length;
  const label = codeLabel(text);
  if (label !== null) return { end, label };
  if (left.publicCode || isPublicCode(text)) return null;
  const code = LETTERED_NUMBER.exec(text)?.[0];
  return code === undefined ? null : { end: at + code.length, label: 'OTHER_ID' };
}

/** One letter may close the number; a word glued on is no part of it, and hides nothing. */
const LETTERED_NUMBER = /^[A-Z]{1,5}-?\d{6,}(?:-\d+)*(?:[A-Z](?![A-Za-z0-9]))?/;

/** Trials, articles, genes, variants, terms and books: codes of public registries, each with its own number of digits. */
export function isPublicCode(text: string): boolean {
  return PUBLIC_CODE.test(text);
}

const PUBLIC_CODE =
  /^(?:NCT\d{8}|PMC\d{4,8}|PMID\d{4,8}|ISRCTN\d{8}|GSE\d{3,6}|CHEMBL\d{1,7}|DB\d{5}|ENS[A-Z]{0,4}\d{11}|[RSV]CV\d{9}|(?:HP|GO|MONDO)\d{7}|ICD\d{1,2}|CPT\d{5}|ISBN\d{9,13}|rs\d{3,9})(?![A-Za-z0-9])/;

/** GB82 WEST 1234 5698 7654 32: as banks print it. */
function spacedIban(window: Window, at: number): Finding | null {
  let end = at + 4;
  let found = -1;
  while (end - at < 42 && codeAt(window, end) === 32 && isAlphanumeric(codeAt(window, end + 1))) {
    const start = end + 1;
    for (end = start; end - start < 5 && isAlphanumeric(codeAt(window, end)); ) end++;
    if (end - start > 4) break;
    if (passesIban(window.text.slice(at, end).replaceAll(' ', ''))) found = end;
    if (end - start < 4) break;
  }
  return found < 0 ? null : { end: found, label: 'ACCOUNT' };
}

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
