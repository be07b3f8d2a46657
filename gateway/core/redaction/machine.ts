import { isLocal, isUrl, searchAddress } from './addresses.ts';
import { classOf, isAlphanumeric, isBlank, isDigit, isLetter, LOWER } from './characters.ts';
import { findEncoded, opensEscape } from './encoded.ts';
import { isPublicCode, uuidEnd } from './identifiers.ts';
import type { Finding } from './labels.ts';
import {
  afterFinding,
  afterKey,
  afterNumber,
  afterPass,
  afterQuote,
  afterSymbol,
  afterWord,
  newLeft,
} from './left.ts';
import { createLens, type Lens, rawOf, textEndBefore } from './lens.ts';
import { CONTEXT, DATE_CUE, MONTH } from './lexicon.ts';
import { findWholeValue, keyAt, NUMBER_UNITS_MAX, numberEnd, PLAIN } from './members.ts';
import { digitsEnd, groupsAt } from './numbers.ts';
import { stateBehind } from './places.ts';
import { NUMBER_RECOGNISERS, type Recogniser, WORD_RECOGNISERS } from './recognisers.ts';
import { TOKEN_UNITS_MAX, tokenUnits } from './render.ts';
import type { Left, Member, Scene } from './scene.ts';
import { codeAt, createWindow, LOOKAHEAD_UNITS, NONE, type Window, type Word } from './window.ts';
import { dottedAt, lettersAt, wordAt } from './word.ts';

const SPACE = 32;
const HYPHEN = 45;
const DOT = 46;
const SLASH = 47;
const QUOTE = 34;
const BACKSLASH = 92;

/** Where the machine stands after some text. */
export interface Machine {
  readonly lens: Lens;
  /** The first unit of the plain text not yet decided. */
  at(): number;
  /** Units read, the measure of work. */
  steps(): number;
  feed(chunk: string): void;
  finish(): void;
  /** Forgets the text before `at`. */
  trim(): void;
}

/** Told of each identifier in order, with its place in the plain text. */
export interface Found {
  /** `bare` when it is a JSON number outside every string. */
  identifier(finding: Finding, start: number, end: number, bare: boolean): void;
  /** The last identifier went on up to here. */
  goesOn(end: number): void;
}

/**
 * The one machine. It walks the text once, left to right, and at each word, number or symbol decides from what it
 * kept of the left and from a bounded window to the right. A decision that met the end of the text so far is
 * undone and made again when more has come, so that no decision depends on how the text was cut into chunks.
 */
export function createMachine(found: Found, depth = 0): Machine {
  const lens = createLens();
  const scene: Scene = {
    window: createWindow(),
    left: newLeft((text) => depth < DEPTH_MAX && holdsIdentifier(text, depth + 1)),
  };
  const { window, left } = scene;
  let at = 0;
  const advance = (): void => {
    window.text = lens.text;
    const length = lens.text.length;
    while (at < length) {
      if (lens.text.charCodeAt(at) === SPACE && left.swallowing === null) {
        left.previous = SPACE;
        at++;
        continue;
      }
      openWindow(lens, scene, at);
      const end = decide(scene, lens, at, found);
      if (end < 0) return;
      at = end;
    }
  };
  return {
    lens,
    at: () => at,
    steps: () => window.steps,
    feed(chunk) {
      lens.push(chunk, false);
      advance();
    },
    finish() {
      lens.push('', true);
      window.ended = true;
      advance();
    },
    trim() {
      lens.trim(at);
      window.words.fill(undefined);
      left.addressUntil -= at;
      left.encodedUntil -= at;
      at = 0;
    },
  };
}

/** How many alphabets inside one another are read. */
const DEPTH_MAX = 2;

function holdsIdentifier(text: string, depth: number): boolean {
  let count = 0;
  const found: Found = { identifier: () => count++, goesOn: () => {} };
  const machine = createMachine(found, depth);
  machine.feed(text);
  machine.finish();
  return count > 0;
}

function openWindow(lens: Lens, { window }: Scene, at: number): void {
  window.starved = false;
  window.stop = stopAt(lens, at);
  window.limit = Math.min(lens.text.length, window.stop);
}

/** The window is measured in units of the original, so that hidden characters cannot make it longer. */
function stopAt(lens: Lens, at: number): number {
  if (lens.at.length === 0) return at + LOOKAHEAD_UNITS;
  const rawStop = rawOf(lens, at) + LOOKAHEAD_UNITS;
  return rawStop > lens.seen() ? Number.POSITIVE_INFINITY : Math.max(at + 1, textEndBefore(lens, rawStop));
}

/** Decides what stands at a place and returns where it ends, or -1 when the text so far does not say. */
function decide(scene: Scene, lens: Lens, at: number, found: Found): number {
  const { window, left } = scene;
  const code = codeAt(window, at);
  if (left.swallowing !== null && goesOn(left, code)) {
    found.goesOn(at + 1);
    return at + 1;
  }
  left.swallowing = null;
  if (isLetter(code)) return decideWord(scene, at, found);
  const passed = passFrom(scene, at, code);
  if (window.starved) return -1;
  if (passed > at) return passOver(scene, at, passed);
  if (isDigit(code)) return decideNumber(scene, at, found);
  return decideSymbol(scene, lens, at, found);
}

function goesOn(left: Left, code: number): boolean {
  if (left.swallowing === 'opaque') return isLocal(code);
  if (left.swallowing === 'url') return isUrl(code);
  return code !== 34;
}

function passOver(scene: Scene, at: number, end: number): number {
  afterPass(scene, at, end);
  return end;
}

/** Things passed over as one: tokens of an earlier redaction and UUIDs. */
function passFrom(scene: Scene, at: number, code: number): number {
  const { window } = scene;
  if (code === 91) {
    let end = at;
    while (end - at < TOKEN_UNITS_MAX && codeAt(window, end) !== 93 && isTokenUnit(codeAt(window, end)))
      end++;
    const token = at + tokenUnits(window.text.slice(at, end + 1));
    return token - at === 5 ? stateBehind(window, token) : token;
  }
  if (!isDigit(code)) return -1;
  const kept = keptEnd(scene, at, code);
  return kept > 0 ? kept : uuidEnd(window, at);
}

/** What `render` leaves of a ZIP code or an old age: 021**, 90+. */
function keptEnd({ window }: Scene, at: number, code: number): number {
  if (code === 57 && codeAt(window, at + 1) === 48 && codeAt(window, at + 2) === 43) return at + 3;
  if (!isDigit(codeAt(window, at + 1)) || !isDigit(codeAt(window, at + 2))) return -1;
  return codeAt(window, at + 3) === 42 && codeAt(window, at + 4) === 42 ? at + 5 : -1;
}

function isTokenUnit(code: number): boolean {
  return (code >= 65 && code <= 91) || isDigit(code) || code === 95 || code === 58;
}

function decideWord(scene: Scene, at: number, found: Found): number {
  const { window, left } = scene;
  const whole = findWholeValue(scene, at);
  if (whole !== null) return conclude(scene, at, whole, found);
  const word = wordAt(window, at);
  if (word === null) return at + 1;
  const next = codeAt(window, word.end);
  if (isPlainWord(word, next, left)) return window.starved ? -1 : passWord(scene, word, word.end);
  const uuid = next === HYPHEN && word.end - at === 8 ? uuidEnd(window, at) : -1;
  const address = addressFrom(scene, at, word.end);
  if (window.starved) return -1;
  if (uuid > 0) return passOver(scene, at, uuid);
  if (address !== null && address.finding === null && address.passTo > at)
    return passOver(scene, at, address.passTo);
  const finding = address?.finding ?? firstFinding(WORD_RECOGNISERS, scene, word);
  if (finding !== null) return conclude(scene, at, finding, found);
  const passed = gluedLetters(window, word) ?? dottedAt(window, word, CONTEXT | DATE_CUE) ?? word;
  return window.starved ? -1 : passWord(scene, passed, address?.until ?? word.end);
}

/** The letters of "SSN123-45-6789" or "x5072842511": what is glued behind them is read as a number of its own. */
function gluedLetters(window: Window, word: Word): Word | null {
  if (word.digits === 0) return null;
  const goesOn = isDigitJoin(codeAt(window, word.end)) && isDigit(codeAt(window, word.end + 1));
  if (!goesOn && (word.digits < 3 || isPublicCode(window.text.slice(word.start, word.end)))) return null;
  return lettersAt(window, word.start);
}

function isDigitJoin(code: number): boolean {
  return code === HYPHEN || code === DOT || code === SLASH || code === SPACE;
}

/** Most words: small letters only, on no list, followed by what no address holds. */
function isPlainWord(word: Word, next: number, left: Left): boolean {
  if (word.shape !== 'lower' || word.flags !== 0 || word.digits > 0 || left.context !== null) return false;
  return word.end - word.start > 4
    ? !isLocal(next) && !runsInto(next, word.end - word.start)
    : next === SPACE;
}

function passWord(scene: Scene, word: Word, searched: number): number {
  afterWord(scene, word);
  scene.left.addressUntil = Math.max(scene.left.addressUntil, searched, word.end);
  return word.end;
}

function addressFrom(scene: Scene, at: number, end: number) {
  if (at < scene.left.addressUntil || !runsInto(codeAt(scene.window, end), end - at)) return null;
  return searchAddress(scene, at);
}

/** True when what follows a word may make it part of an address. */
function runsInto(next: number, units: number): boolean {
  return next === 64 || next === 58 || next === 47 || isLocal(next) || units >= 160;
}

function decideNumber(scene: Scene, at: number, found: Found): number {
  const { window } = scene;
  const whole = findWholeValue(scene, at);
  if (whole !== null) return conclude(scene, at, whole, found);
  if (isPlainNumber(scene, at)) return passNumber(scene, digitsEnd(window, at));
  const run = groupsAt(window, at, '/-.:,');
  const address = addressFrom(scene, at, run.end);
  if (window.starved) return -1;
  const finding = address?.finding ?? firstFinding(NUMBER_RECOGNISERS, scene, at);
  if (finding !== null) return conclude(scene, at, finding, found);
  if (window.starved) return -1;
  return passNumber(scene, run.end, address?.until);
}

/** "5 mg", "12 weeks": one or two digits and a small word that is no month, with nothing to suggest more. */
function isPlainNumber({ window, left }: Scene, at: number): boolean {
  if (left.context !== null || left.member !== null || left.dated || codeAt(window, at) === 57) return false;
  const end = isDigit(codeAt(window, at + 1)) ? at + 2 : at + 1;
  if (codeAt(window, end) !== SPACE) return false;
  const word = classOf(codeAt(window, end + 1)) === LOWER ? wordAt(window, end + 1) : null;
  return word !== null && word.end - word.start > 2 && (word.flags & MONTH) === 0 && !window.starved;
}

function passNumber(scene: Scene, end: number, searched = end): number {
  afterNumber(scene, end);
  scene.left.addressUntil = Math.max(scene.left.addressUntil, searched, end);
  return end;
}

function decideSymbol(scene: Scene, lens: Lens, at: number, found: Found): number {
  const { window, left } = scene;
  const code = codeAt(window, at);
  if (code === 34) return decideQuote(scene, lens, at);
  if (opensEscape(window, at, code)) {
    const finding = findEncoded(scene, at);
    if (window.starved) return -1;
    if (finding !== null) return conclude(scene, at, finding, found);
  }
  if (code === 40 || code === 43 || code === HYPHEN) {
    const finding = code === HYPHEN ? findNegative(scene, at) : firstFinding(PHONES, scene, at);
    if (window.starved) return -1;
    if (finding !== null && isDigitNear(scene, at)) return conclude(scene, at, finding, found);
  }
  const whole = isBlank(code) || code === 91 ? null : findWholeValue(scene, at);
  if (whole !== null) return conclude(scene, at, whole, found);
  if (window.starved) return -1;
  afterSymbol(left, code);
  return at + 1;
}

const PHONES = NUMBER_RECOGNISERS.filter((row) => row.name === 'phone');

/** A number of JSON that identifies someone goes with its sign, so that it becomes 0 and not -0. */
function findNegative(scene: Scene, at: number): Finding | null {
  const { window, left } = scene;
  if (left.inString && (left.member === null || left.inValue)) return firstFinding(MEMBERS, scene, at);
  if (isAlphanumeric(left.previous) || !isDigit(codeAt(window, at + 1))) return null;
  const finding = firstFinding(NUMBER_RECOGNISERS, scene, at + 1);
  return finding !== null && numberEnd(window, at) >= finding.end ? finding : null;
}

const MEMBERS = NUMBER_RECOGNISERS.filter((row) => row.name === 'member-number');

function isDigitNear({ window }: Scene, at: number): boolean {
  return isDigit(codeAt(window, at + 1)) || codeAt(window, at) === 43;
}

function decideQuote(scene: Scene, lens: Lens, at: number): number {
  const { window, left } = scene;
  const key = left.inValue ? null : keyAt(window, at);
  const nested = key === null && !left.inValue && opensNested(scene, lens, at);
  if (window.starved) return -1;
  const depth = quoteDepth(lens, at);
  if (key !== null) {
    if (key.end === at + 1 && depth === 0) left.inString = !left.inString;
    return afterKey(left, key, { at, depth });
  }
  const member = nested ? left.member : memberOpened(scene, lens, at, depth);
  if (window.starved) return -1;
  if (depth === 0) left.inString = !left.inString;
  if (!nested) afterQuote(left, depth);
  left.member = member;
  return at + 1;
}

/** What a coding's value may be: a code has no blank, and a term fits in one line. */
const CODE_UNITS_MAX = 128;
const TERM_UNITS_MAX = 200;

/** Only what has the shape of a code or a term is spared as one; other text behind such a key is text. */
function memberOpened({ window, left }: Scene, lens: Lens, at: number, depth: number): Member | null {
  const { member } = left;
  if (left.inValue || (member?.kind !== 'code' && member?.kind !== 'term')) return member;
  const most = member.kind === 'code' ? CODE_UNITS_MAX : TERM_UNITS_MAX;
  for (let end = at + 1; end - at <= most + 1; end++) {
    const code = codeAt(window, end);
    if (code === QUOTE && quoteDepth(lens, end) <= depth) return member;
    if (code === NONE || (member.kind === 'code' && isBlank(code))) return PLAIN;
  }
  return PLAIN;
}

/** A quote before JSON that was written inside a string: what follows is read as JSON again. */
function opensNested({ window, left }: Scene, lens: Lens, at: number): boolean {
  if (left.member === null || !isOpening(codeAt(window, at + 1))) return false;
  let inner = at + 2;
  while (inner - at < 24 && (isBlank(codeAt(window, inner)) || isOpening(codeAt(window, inner)))) inner++;
  return codeAt(window, inner) === QUOTE && quoteDepth(lens, inner) > quoteDepth(lens, at);
}

function isOpening(code: number): boolean {
  return code === 123 || code === 91;
}

/**
 * How many strings of JSON this quote stands inside of: 0 when JSON itself sees it, 1 when it is escaped, and so on;
 * an even number of backslashes before a quote are characters of their own. -1 when it is another kind of quote.
 */
function quoteDepth(lens: Lens, at: number): number {
  const start = rawOf(lens, at);
  let end = start;
  while (end - start < 8 && lens.raw.charCodeAt(end) === BACKSLASH) end++;
  if (lens.raw.charCodeAt(end) !== QUOTE) return -1;
  let depth = 0;
  for (let count = end - start; count % 2 === 1; count = (count - 1) / 2) depth++;
  return depth;
}

function firstFinding<Start>(rows: readonly Recogniser<Start>[], scene: Scene, start: Start): Finding | null {
  const kind = scene.left.inValue ? scene.left.member?.kind : undefined;
  for (const row of rows) {
    if (kind === 'code' && row.inCodes !== true) continue;
    if (kind === 'term' && row.inTerms === false) continue;
    if (row.when !== undefined && !row.when(scene, start)) continue;
    const finding = row.find(scene, start);
    if (finding !== null) return finding;
  }
  return null;
}

/** RFC 8259 section 6; one that fills what is looked at may be cut anywhere. */
const JSON_NUMBER = /^-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?$/;
const CUT_NUMBER = /^-?(?:0|[1-9]\d*)(?:\.\d*)?(?:[eE][+-]?\d*)?$/;

function conclude(scene: Scene, at: number, finding: Finding, found: Found): number {
  const { window, left } = scene;
  codeAt(window, finding.end);
  if (window.starved) return -1;
  const literal = !left.inString || (left.member !== null && !left.inValue) ? numberEnd(window, at) : at;
  if (window.starved) return -1;
  const bare =
    literal >= finding.end &&
    (literal - at === NUMBER_UNITS_MAX ? CUT_NUMBER : JSON_NUMBER).test(window.text.slice(at, literal));
  const end = bare ? literal : finding.end;
  found.identifier(finding, at, end, bare);
  afterFinding(left, finding, codeAt(window, end - 1), end);
  if (bare && literal - at === NUMBER_UNITS_MAX) left.swallowing = 'opaque';
  return end;
}
