import { classOf, DIGIT, isBlank, isDigit, isUpper, LOWER } from './characters.ts';
import type { Finding } from './labels.ts';
import type { Scene } from './scene.ts';
import { codeAt, NONE, type Window, type Word } from './window.ts';

const HASH = 35;
const PERCENT = 37;
const AMPERSAND = 38;
const BACKSLASH = 92;
const LETTER_X = 120;

/** Fewer units than these encode no identifier that would be found. */
const BLOCK_UNITS_MIN = 12;
/** As far as one look goes; a longer run is looked at again from the middle, so that nothing hides on the seam. */
const RUN_UNITS_MAX = 200;

/**
 * Text that is written in another alphabet of bytes: base64 (RFC 4648 sections 4 and 5), hexadecimal, percent encoding
 * (RFC 3986 section 2.1), character references of HTML, escapes such as `\x31`. It is hidden whole when what it says
 * holds an identifier, or when it is compressed and says nothing that could be read.
 */
export function findEncoded(scene: Scene, at: number): Finding | null {
  const { window, left } = scene;
  if (at < left.encodedUntil) return null;
  const marked = isMarked(window, at);
  const end = marked ? markedEnd(window, at) : blockEnd(window, at);
  if (end - at < BLOCK_UNITS_MIN && !marked) return null;
  const isLong = end - at >= RUN_UNITS_MAX;
  if (window.starved) return null;
  const run = window.text.slice(at, end);
  if (isCompressed(run) || readings(run, marked).some((text) => left.holds(text))) {
    return { end, label: 'OTHER_ID', ...(isLong ? { runsOn: 'url' as const } : {}) };
  }
  left.encodedUntil = isLong ? at + RUN_UNITS_MAX / 2 : end;
  return null;
}

/** A word that may begin such text: long and not written like one, or with a mark of an encoding behind it. */
export function mayBeEncoded({ window }: Scene, word: Word): boolean {
  const next = codeAt(window, word.end);
  if (opensEscape(window, word.end, next)) return true;
  const units = word.end - word.start;
  if (units < BLOCK_UNITS_MIN) return isJoint(next) && units > 3 && word.shape !== 'lower';
  return word.digits > 0 || next === 61 || hasLateCapital(window, word);
}

/** Capitals inside a word: no language spells one so, but for a few names. */
function hasLateCapital(window: Window, word: Word): boolean {
  for (let at = word.start + 1; at < word.end; at++)
    if (isUpper(codeAt(window, at))) return word.shape !== 'upper';
  return false;
}

/** A number that may begin such text: letters are glued to it, or a mark of an encoding. */
export function mayBeEncodedNumber({ window }: Scene, at: number): boolean {
  let end = at;
  while (end - at < BLOCK_UNITS_MIN && (isDigit(codeAt(window, end)) || codeAt(window, end) === 45)) end++;
  const next = codeAt(window, end);
  return end - at === BLOCK_UNITS_MIN || classOf(next) >= LOWER || opensEscape(window, end, next);
}

/** `%31`, `&#49;` or `\x31` stands here. */
export function opensEscape(window: Window, at: number, code: number): boolean {
  if (code === PERCENT) return isHex(codeAt(window, at + 1)) && isHex(codeAt(window, at + 2));
  if (code === AMPERSAND) return codeAt(window, at + 1) === HASH;
  return code === BACKSLASH && (codeAt(window, at + 1) | 32) === LETTER_X && isHex(codeAt(window, at + 2));
}

function isMarked(window: Window, at: number): boolean {
  let end = at;
  while (end - at < 64 && (isBlock(codeAt(window, end)) || codeAt(window, end) === 46)) end++;
  return opensEscape(window, end, codeAt(window, end));
}

/** To the next blank, quote or bracket. */
function markedEnd(window: Window, at: number): number {
  let end = at;
  while (end - at < RUN_UNITS_MAX && isRun(codeAt(window, end))) end++;
  return end;
}

function isRun(code: number): boolean {
  return code !== NONE && !isBlank(code) && code !== 34 && code !== 39 && code !== 60 && code !== 62;
}

function blockEnd(window: Window, at: number): number {
  let end = at;
  while (end - at < RUN_UNITS_MAX && isBlock(codeAt(window, end))) end++;
  for (let pads = 0; pads < 2 && codeAt(window, end) === 61; pads++) end++;
  return end;
}

function isBlock(code: number): boolean {
  return (code < 128 && classOf(code) >= DIGIT) || isJoint(code);
}

function isJoint(code: number): boolean {
  return code === 43 || code === 47 || code === 45 || code === 95;
}

function isHex(code: number): boolean {
  return isDigit(code) || ((code | 32) >= 97 && (code | 32) <= 102);
}

/** The first bytes of a gzip stream (RFC 1952 section 2.3.1), in base64 and in hexadecimal. */
function isCompressed(run: string): boolean {
  return /^(?:H4sI[A-Za-z0-9+/_-]{12}|1[fF]8[bB]08[0-9a-fA-F]{14})/.test(run);
}

function readings(run: string, marked: boolean): readonly string[] {
  const texts = marked ? [unescaped(run)] : [fromHex(run), fromBase64(run)];
  return texts.filter((text) => text !== null);
}

function unescaped(run: string): string | null {
  const plain = run
    .replace(/&#(\d{1,7});?/g, (whole, number: string) => character(Number(number), whole))
    .replace(/&#x([0-9a-f]{1,6});?/gi, (whole, number: string) =>
      character(Number.parseInt(number, 16), whole),
    )
    .replace(/\\x([0-9a-f]{2})/gi, (whole, number: string) => character(Number.parseInt(number, 16), whole))
    .replace(/(?:%[0-9a-f]{2})+/gi, (whole) => fromHex(whole.replaceAll('%', '')) ?? whole);
  return plain === run ? null : plain;
}

function character(code: number, otherwise: string): string {
  return code >= 9 && code <= 0x10ffff ? String.fromCodePoint(code) : otherwise;
}

function fromHex(run: string): string | null {
  const digits = /^(?:0x)?((?:[0-9a-f]{2})+)$/i.exec(run)?.[1];
  if (digits === undefined) return null;
  return legible(Uint8Array.from(digits.match(/../g) ?? [], (pair) => Number.parseInt(pair, 16)));
}

/** A run that was cut anywhere is read up to its last whole group. */
function fromBase64(run: string): string | null {
  const body = run.replace(/=+$/, '').replaceAll('-', '+').replaceAll('_', '/');
  const whole = body.length % 4 === 1 ? body.slice(0, -1) : body;
  if (!/^[A-Za-z0-9+/]+$/.test(whole)) return null;
  return legible(Uint8Array.from(atob(whole), (unit) => unit.charCodeAt(0)));
}

const UTF8 = new TextDecoder('utf-8');

/** The text of the bytes, or null when they are no text. */
function legible(bytes: Uint8Array): string | null {
  const text = UTF8.decode(bytes).replace(/\uFFFD+$/, '');
  return /[\p{Cc}\uFFFD]/u.test(text.replace(/[\t\n\r]/g, ' ')) ? null : text;
}
