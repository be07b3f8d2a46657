import { linesBehind } from './address-lines.ts';
import { isDigit, isUpper } from './characters.ts';
import { compoundAt, kindEnd, knownInstitution } from './institutions.ts';
import type { Finding } from './labels.ts';
import {
  CITY,
  COMPOUND,
  CONTEXT,
  DOUBTFUL,
  DOUBTFUL_CITY,
  FACILITY,
  GIVEN,
  MONTH,
  PLAIN,
  ROLE,
  SITE,
  STATE,
  STATE_CODE,
  STREET,
  TAIL,
  TITLE,
  UNIT,
} from './lexicon.ts';
import { afterSpaces, digitsEnd, groupsAt } from './numbers.ts';
import { nextWord, type Piece, phraseAt, pieceFrom } from './phrase.ts';
import type { Scene } from './scene.ts';
import { codeAt, NONE, type Window, type Word } from './window.ts';
import { has, spell, wordAt } from './word.ts';

const COMMA = 44;
const DOT = 46;

/** A place of care or a town: "St. Luke's Hospital", "Boston, MA", "at Elm Clinic", "lives in Phoenix". */
export function findPlace(scene: Scene, word: Word): Finding | null {
  if (word.shape === 'lower' || scene.left.title || isOpening(scene.window, word)) return null;
  return findFacility(scene, word) ?? findTown(scene, word);
}

/** A plain word that starts a sentence: nothing capitalised follows. */
function isOpening(window: Window, word: Word): boolean {
  if (!has(word, PLAIN) || has(word, FACILITY | CITY | DOUBTFUL_CITY)) return false;
  return codeAt(window, word.end) === 32 && !isUpper(codeAt(window, word.end + 1));
}

/** Words that may stand inside the name of a place of care, written small. */
const JOINERS = new Set(['of', 'and', 'the', 'for', '&']);

function findFacility(scene: Scene, word: Word): Finding | null {
  const { window } = scene;
  const known = knownInstitution(window, word);
  let end = known;
  let named = known > 0;
  let index: Word | null = word;
  for (let count = 0; count < 7 && index !== null; count++) {
    const piece = pieceFrom(window, index);
    if (count > 0 && has(piece.word, TITLE) && !has(piece.word, FACILITY)) break;
    if (isOwnName(piece)) named = true;
    if (count > 0 && named && has(piece.tail, FACILITY)) end = piece.bare;
    else if (end > 0 && TRAILERS.has(piece.word.entry?.word ?? '')) end = piece.bare;
    if (isChildrens(window, piece)) named = true;
    if (count === 1 && piece.bare !== piece.end && isSaint(window, word)) end = Math.max(end, piece.end);
    index = continuation(window, piece.end, end > 0);
  }
  end = Math.max(end, siteEnd(scene, word));
  if (end < 0 || isTail(window, end)) return null;
  if (scene.left.inValue && scene.left.member?.kind === 'name')
    return { end: valueEnd(window, end), label: 'GEO' };
  return withTown(scene, { end, label: 'GEO' });
}

/** A JSON name that holds a place of care is one to its closing quote. */
function valueEnd(window: Window, end: number): number {
  let close = end;
  while (close - end < 60 && codeAt(window, close) !== 34 && codeAt(window, close) !== NONE) close++;
  return codeAt(window, close) === 34 ? close : end;
}

/** Words that may close the name of a place of care behind its kind. */
const TRAILERS = new Set(
  'care system systems group network services association center er ed icu partners'.split(' '),
);

function isChildrens(window: Window, piece: Piece): boolean {
  return piece.bare !== piece.end && /^(children|women|veteran)$/.test(spell(window, piece.word));
}

/** A word that names, rather than describes: "Elm" in "Elm Clinic", not "Wound" in "Wound Clinic". */
function isOwnName(piece: Piece): boolean {
  if (piece.word.digits > 0) return false;
  if (has(piece.word, PLAIN | MONTH | FACILITY | UNIT | CONTEXT))
    return has(piece.word, FACILITY) && NAMING.has(piece.word.entry?.word ?? '');
  return piece.word.shape !== 'initial' || piece.dotted;
}

const NAMING = new Set(['memorial', 'mercy', 'presbyterian', 'general']);

function continuation(window: Window, end: number, found: boolean): Word | null {
  const next = nextWord(window, ampersandEnd(window, end));
  if (next === null) return null;
  if (next.shape !== 'lower') return next;
  const text = spell(window, next);
  if (
    has(next, FACILITY) &&
    (text === 'clinic' ||
      text === 'facility' ||
      text === 'hospital' ||
      text === 'branch' ||
      text === 'campus')
  )
    return next;
  if (!JOINERS.has(text) || (found && text !== 'of')) return null;
  const after = nextWord(window, next.end);
  return after !== null && after.shape !== 'lower' ? after : null;
}

function ampersandEnd(window: Window, end: number): number {
  const gap = afterSpaces(window, end);
  return gap > 0 && codeAt(window, gap) === 38 ? gap + 1 : end;
}

function isSaint(window: Window, word: Word): boolean {
  if (word.end - word.start > 5) return false;
  return /^(st|saint|mt|mount)$/.test(spell(window, word));
}

/** "at Stanford": a name of an organisation after a word of place. */
function siteEnd({ window, left }: Scene, word: Word): number {
  return left.place && has(word, SITE) ? kindEnd(window, word.end) : -1;
}

function isTail(window: Window, end: number): boolean {
  const next = nextWord(window, end);
  return next !== null && next.shape === 'lower' && has(next, TAIL) && !has(next, STREET);
}

/** Adds ", Los Angeles", ", MA" or " in Chicago" to a place of care. */
function withTown({ window, left }: Scene, finding: Finding): Finding {
  let at = codeAt(window, finding.end) === COMMA ? finding.end + 1 : finding.end;
  let next = nextWord(window, at);
  if (next !== null && next.shape === 'lower' && /^(in|of|at)$/.test(spell(window, next))) {
    at = next.end;
    next = nextWord(window, at);
  }
  if (next === null || next.shape === 'lower') return finding;
  const stated = stateTail({ window, left: { ...left, place: true } }, next);
  if (stated !== null) return { ...finding, end: stated.end, keepFrom: stated.keepFrom ?? stated.end };
  const state = stateEnd(window, next);
  if (state > 0) return { ...finding, end: state, keepFrom: finding.end };
  const town = townEnd(window, next);
  return town > 0 ? { ...finding, end: town } : finding;
}

function townEnd(window: Window, word: Word): number {
  const compound = has(word, COMPOUND) ? compoundAt(window, word) : { flags: 0, end: -1 };
  const flags = compound.flags | word.flags;
  if ((flags & (CITY | DOUBTFUL_CITY)) === 0) return -1;
  return (compound.flags & (CITY | DOUBTFUL_CITY | STATE)) !== 0 ? compound.end : word.end;
}

/** A town: known and plain, known after a word of place, or any name before ", ST". */
function findTown({ window, left }: Scene, word: Word): Finding | null {
  const compound = has(word, COMPOUND) ? compoundAt(window, word) : { flags: 0, end: -1 };
  const end = compound.flags === 0 ? word.end : compound.end;
  const flags = compound.flags === 0 ? word.flags : compound.flags;
  const stated = stateTail({ window, left }, word);
  if (stated !== null) return stated;
  if (isTail(window, end) && !isArea(window, end)) return null;
  if (left.about === 'home' && WHERE.has(left.lastWord?.word ?? '') && isHomeNamed(window, word))
    return { end: homeEnd(window, word), label: 'GEO', part: 'city' };
  const plain = (flags & CITY) !== 0 && (word.shape !== 'upper' || left.place || end - word.start > 3);
  const cued = (flags & DOUBTFUL_CITY) !== 0 && left.place;
  if (!plain && !cued)
    return left.place && isOwnName(pieceFrom(window, word)) && isArea(window, end)
      ? { end, label: 'GEO', part: 'city' }
      : null;
  const after = nextWord(window, end);
  if (after !== null && after.shape === 'capital' && !has(after, PLAIN) && !plain) return null;
  return { end, label: 'GEO', part: 'city' };
}

const WHERE = new Set('in to near from outside of am'.split(' '));

/** "grew up in Elmhollow": where somebody lives needs no list. */
function isHomeNamed(window: Window, word: Word): boolean {
  const piece = pieceFrom(window, word);
  const isLarge =
    word.shape === 'capital' || (word.shape === 'upper' && word.flags === 0 && word.end - word.start > 4);
  return (
    isLarge && isOwnName(piece) && !has(word, STATE | TITLE | ROLE) && !has(piece.tail, PLAIN | FACILITY)
  );
}

function homeEnd(window: Window, word: Word): number {
  const pieces = phraseAt(window, word, 3);
  const last = pieces.findLast((piece) => isOwnName(piece)) ?? pieces[0];
  return last === undefined ? word.end : last.bare;
}

/** "the Milwaukee area", "our Newport office". */
function isArea(window: Window, end: number): boolean {
  const next = nextWord(window, end);
  return next !== null && /^(area|office|neighborhood|location)$/.test(spell(window, next));
}

/** "Cedar Rapids, IA" or "Austin, Texas": the state may stay, so the finding says where it starts. */
function stateTail({ window, left }: Scene, word: Word): Finding | null {
  const pieces = phraseAt(window, word, 3);
  for (const piece of pieces) {
    if (piece.bare !== piece.end || piece.word.digits > 0) return null;
    if (has(piece.word, PLAIN | MONTH) && !has(piece.word, DOUBTFUL_CITY | CITY | COMPOUND)) return null;
    if (codeAt(window, piece.end) !== COMMA) continue;
    const state = nextWord(window, piece.end + 1);
    if (state === null) return null;
    const end = stateEnd(window, state);
    if (end < 0 || !isTownNamed({ window, left }, { first: word, last: piece.word, state })) return null;
    return { end, label: 'GEO', part: 'city', keepFrom: piece.end };
  }
  return null;
}

/** Codes of states that mean nothing else in clinical writing. */
const PLAIN_CODES = new Set(
  'tx ny ca fl il wa nj ga nc tn az mn wi oh ky nv ut ks nm ri vt nh mo ne ok'.split(' '),
);

/** Many state codes are abbreviations too (MD, PA, CT, MI): those want a known town, a word of place or a ZIP code. */
function isTownNamed(
  { window, left }: Scene,
  seen: { readonly first: Word; readonly last: Word; readonly state: Word },
): boolean {
  const { first, last, state } = seen;
  if (has(first, CITY | DOUBTFUL_CITY) || left.place) return true;
  if (has(first, COMPOUND) && (compoundAt(window, first).flags & CITY) !== 0) return true;
  const gap = afterSpaces(window, state.end);
  if (gap > 0 && digitsEnd(window, gap) - gap === 5) return true;
  if (has(first, GIVEN) && first !== last) return false;
  if (state.shape === 'capital') return !has(first, GIVEN);
  return PLAIN_CODES.has(state.entry?.word ?? '');
}

/** Where a state behind a place ends, as in ", MA"; the same place when none is there. */
export function stateBehind(window: Window, end: number): number {
  const state = codeAt(window, end) === COMMA ? nextWord(window, end + 1) : null;
  return state === null ? end : Math.max(end, stateEnd(window, state));
}

function stateEnd(window: Window, word: Word): number {
  if (has(word, STATE_CODE) && word.shape === 'upper' && word.end - word.start === 2) {
    return isUpper(codeAt(window, word.end + 1)) && codeAt(window, word.end) === 47 ? -1 : word.end;
  }
  if (word.shape !== 'capital') return -1;
  if (has(word, STATE) && !has(word, GIVEN & ~DOUBTFUL)) return word.end;
  const compound = has(word, COMPOUND) ? compoundAt(window, word) : { flags: 0, end: -1 };
  return (compound.flags & STATE) !== 0 ? compound.end : -1;
}

/** "PO Box 123", "P.O. Box 123". */
export function findPostBox({ window }: Scene, word: Word): Finding | null {
  if ((codeAt(window, word.start) | 32) !== 112) return null;
  const text = spell(window, word);
  const end = text === 'po' ? word.end : text === 'p' ? abbreviated(window, word.end) : -1;
  const box = end < 0 ? null : nextWord(window, end);
  if (box === null || spell(window, box) !== 'box') return null;
  const gap = afterSpaces(window, box.end);
  if (gap < 0 || !isDigit(codeAt(window, gap))) return null;
  return { end: linesBehind(window, digitsEnd(window, gap)), label: 'GEO' };
}

function abbreviated(window: Window, end: number): number {
  if (codeAt(window, end) !== DOT || (codeAt(window, end + 1) | 32) !== 111) return -1;
  return codeAt(window, end + 2) === DOT ? end + 3 : -1;
}

/** A street address: "1234 Elm St", "248 Bogan Forge Suite 92", "12 5th Avenue, Apt 3". */
export function findStreet({ window }: Scene, at: number): Finding | null {
  const number = digitsEnd(window, at);
  if (number - at > 6) return null;
  let word = streetWord(window, number);
  for (let count = 0; count < 5 && word !== null; count++) {
    if (count === 0 && has(word, UNIT) && word.shape !== 'capital') return null;
    if (count > 0 && has(word, STREET)) return { end: unitEnd(window, closed(window, word)), label: 'GEO' };
    if (has(word, MONTH) && count === 0) return null;
    word = streetWord(window, word.end);
  }
  return null;
}

function streetWord(window: Window, end: number): Word | null {
  const dotted = codeAt(window, end) === DOT ? end + 1 : end;
  const gap = afterSpaces(window, dotted);
  if (gap < 0) return null;
  if (isDigit(codeAt(window, gap))) return ordinal(window, gap);
  return isUpper(codeAt(window, gap)) ? wordAt(window, gap) : smallStreet(window, gap);
}

function smallStreet(window: Window, gap: number): Word | null {
  const word = wordAt(window, gap);
  return word !== null && /^(street|avenue|road|boulevard|lane)$/.test(spell(window, word)) ? word : null;
}

function ordinal(window: Window, at: number): Word | null {
  const suffix = wordAt(window, digitsEnd(window, at));
  if (suffix === null || !/^(st|nd|rd|th)$/i.test(spell(window, suffix))) return null;
  return { ...suffix, flags: 0, shape: 'capital' };
}

function closed(window: Window, word: Word): number {
  return codeAt(window, word.end) === DOT && word.end - word.start <= 4 ? word.end + 1 : word.end;
}

function unitEnd(window: Window, end: number): number {
  const at = codeAt(window, end) === COMMA ? end + 1 : end;
  const word = nextWord(window, at);
  if (word === null || !/^(apt|apartment|suite|ste|unit|floor|fl|room|rm|bldg)$/.test(spell(window, word)))
    return end;
  const dotted = codeAt(window, word.end) === DOT ? word.end + 1 : word.end;
  const gap = afterSpaces(window, dotted);
  if (gap < 0) return end;
  const start = codeAt(window, gap) === 35 ? gap + 1 : gap;
  const name = wordAt(window, start);
  return name !== null && name.end - start <= 4 ? name.end : Math.max(groupsAt(window, start, '-').end, end);
}

/** A ZIP code right behind a state, a town or a street. */
export function findZip({ window, left }: Scene, at: number): Finding | null {
  if (!left.zipNext) return null;
  const { end, shape } = groupsAt(window, at, '-');
  return shape === '5' || shape === '5-4' ? { end, label: 'GEO', part: 'zip' } : null;
}
