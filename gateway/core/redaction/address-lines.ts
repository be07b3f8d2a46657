import { classOf, isDigit, LINE, LOWER } from './characters.ts';
import type { Finding } from './labels.ts';
import { CONTEXT, MONTH, PLAIN, ROLE, STREET, TITLE, UNIT } from './lexicon.ts';
import { digitsEnd } from './numbers.ts';
import type { Scene } from './scene.ts';
import { codeAt, NONE, type Window, type Word } from './window.ts';
import { has, spell, wordAt } from './word.ts';

const SPACE = 32;
const COMMA = 44;
const DOT = 46;
const COLON = 58;
const GREATER = 62;
const ROAD_WORDS_MAX = 6;
const TOWN_WORDS_MAX = 4;
const COUNTRY_WORDS_MAX = 6;

/** Streets that are told by a word of their own, beyond the English ones of the lexicon. */
const ROADS = new Set(
  'rue via viale piazza corso vicolo strada calle avenida avda plaza paseo carrer rua travessa praca largo chemin quai impasse ul ulica ulice utca u ut cesta trg strasse str gasse platz allee weg plass gata gate vei vej vag tie tee pst mnt'.split(
    ' ',
  ),
);

/** Endings by which Germanic and Nordic languages name a street in one word. */
const ROAD_ENDING =
  /^.{2,}(strasse|gasse|platz|allee|damm|ufer|steig|gata|gatan|gaten|gate|vagen|vej|vegen|veien|veg|gade|straede|straat|steenweg|weg|laan|dreef|plein|kade|singel|katu|kuja|polku|tie|vegur|braut|stigur)$/;

/** Small words inside the names of streets and towns. */
const LINKS = new Set(
  'van von de der den des du da do das dos di del della al el la le les las los u ul st of the'.split(' '),
);

/**
 * An address that names its house after the street, as most of the world does, or one with a flat: "61 Wiesenstrasse 31",
 * "583 Magrethevej 298, Apt. 12"; with the lines of town, country and postal code right behind it.
 * Evidence is a word that means a street, a flat with its number, or a house number after a word of place.
 */
export function findAddressLines({ window, left }: Scene, at: number): Finding | null {
  const box = boxBehind(window, at);
  if (box > 0) return { end: linesBehind(window, box), label: 'GEO' };
  const road = roadFrom(window, at);
  if (road === null) return null;
  const flat = flatBehind(window, road.end);
  if (flat < 0 && road.isSmall) return null;
  const isHouse = road.house && left.place && isTownAhead(window, road.end);
  if (flat < 0 && !isHouse && !(road.isStreet && (road.house || road.numbers > 1))) return null;
  const lines = { sure: flat > 0, small: road.isSmall };
  return { end: townBehind(window, flat < 0 ? road.end : flat, lines), label: 'GEO' };
}

/** "Wiesenstrasse 31", "Rua das Pedras 930": a word that means a street, and the house behind it. */
export function findRoad({ window }: Scene, word: Word): Finding | null {
  if (!isForeignRoad(window, word)) return null;
  const words = [word, ...wordsFrom(window, glued(window, closed(window, word.end)), ROAD_WORDS_MAX - 1)];
  const end = closed(window, words[words.length - 1]?.end ?? word.end);
  const house = codeAt(window, end) === SPACE ? houseEnd(window, end + 1) : -1;
  if (house < 0 || (words.length === 1 && ROADS.has(spell(window, word)))) return null;
  return { end: linesBehind(window, house), label: 'GEO' };
}

function isForeignRoad(window: Window, word: Word): boolean {
  if (word.shape !== 'capital' || word.digits > 0 || word.end - word.start > 24) return false;
  const text = spell(window, word);
  return FIRM_ROADS.has(text) || (text.length > 6 && FIRM_ENDING.test(text));
}

/** Roads and endings that are no English words, so that they need no number before them. */
const FIRM_ROADS = new Set(
  'rue viale piazza corso vicolo calle avenida avda rua travessa ulica ul cesta'.split(' '),
);
const FIRM_ENDING = /(strasse|gasse|gatan|vagen|gade|vegur|straat|katu|utca)$/;

/** Past a flat, a town and a postal code on the lines right behind an address that was told otherwise. */
export function linesBehind(window: Window, end: number): number {
  const flat = flatBehind(window, end);
  return townBehind(window, flat < 0 ? end : flat, { sure: flat > 0, small: false });
}

interface Lines {
  /** A flat was told: what follows in lines is the rest of an address. */
  readonly sure: boolean;
  /** The whole address is written small. */
  readonly small: boolean;
}

/** "PSC 7589, Box 0572, APO AE 20040", "USS Elm\nFPO AA 65607": the addresses of the forces. */
export function findForcesAddress({ window }: Scene, word: Word): Finding | null {
  const text = spell(window, word);
  if (POSTS.has(text)) return found(postEnd(window, word));
  if (BOXES.has(text)) return found(forcesLine(window, boxEnd(window, word.end)));
  if (!/^us(s|ns|nv|cgc)$/.test(text) || word.shape === 'capital') return null;
  const ship = wordAt(window, word.end + 1);
  return ship === null ? null : found(forcesLine(window, ship.end));
}

const POSTS = new Set(['apo', 'fpo', 'dpo']);
const BOXES = new Set(['psc', 'cmr', 'unit']);
const found = (end: number): Finding | null => (end < 0 ? null : { end, label: 'GEO' });

/** "7589, Box 0572" behind the kind of post, or -1. */
function boxEnd(window: Window, end: number): number {
  const number = digitsEnd(window, end + 1);
  if (codeAt(window, end) !== SPACE || number === end + 1) return -1;
  const box = wordAt(window, pastBreak(window, number));
  if (box === null || spell(window, box) !== 'box' || codeAt(window, box.end) !== SPACE) return -1;
  return digitsEnd(window, box.end + 1);
}

function forcesLine(window: Window, end: number): number {
  const post = end < 0 ? null : wordAt(window, pastBreak(window, end));
  return post === null || !POSTS.has(spell(window, post)) ? -1 : postEnd(window, post);
}

/** "APO AE 20040". */
function postEnd(window: Window, post: Word): number {
  const area = codeAt(window, post.end) === SPACE ? wordAt(window, post.end + 1) : null;
  if (area === null || !/^a[aep]$/.test(spell(window, area)) || codeAt(window, area.end) !== SPACE) return -1;
  const end = digitsEnd(window, area.end + 1);
  return end - area.end === 6 ? end : -1;
}

/** The end of "43 P.O. Box 108", or -1. */
function boxBehind(window: Window, at: number): number {
  const number = houseEnd(window, at);
  if (number < 0 || (codeAt(window, number + 1) | 32) !== 112) return -1;
  for (let ahead = 2; ahead <= BOX_UNITS; ahead++) codeAt(window, number + ahead);
  const box = /^ p\.? ?o\.? box (?=\d)/i.exec(
    window.text.slice(number, Math.min(number + BOX_UNITS, window.limit)),
  );
  return box === null ? -1 : digitsEnd(window, number + box[0].length);
}

const BOX_UNITS = 12;

/** "the corner of Kuusiku 7 and Alexander Flat": two streets, each with a large word or a number. */
export function findCorner({ window }: Scene, word: Word): Finding | null {
  const corner = codeAt(window, word.end) === SPACE ? wordAt(window, word.end + 1) : null;
  if (corner === null || spell(window, corner) !== 'corner' || codeAt(window, corner.end) !== SPACE)
    return null;
  const of = wordAt(window, corner.end + 1);
  if (of === null || spell(window, of) !== 'of') return null;
  const first = sideEnd(window, of.end);
  const and = first < 0 || codeAt(window, first) !== SPACE ? null : wordAt(window, first + 1);
  if (and === null || spell(window, and) !== 'and') return null;
  const second = sideEnd(window, and.end);
  return second < 0 ? null : { end: second, label: 'GEO' };
}

function sideEnd(window: Window, at: number): number {
  const number = codeAt(window, at) === SPACE ? houseEnd(window, at + 1) : -1;
  const start = number < 0 ? at : number;
  const words = wordsFrom(window, start, ROAD_WORDS_MAX);
  const large = words.findLastIndex((word) => !isSmall(word));
  const last = words[large];
  if (last === undefined || words.every((word) => has(word, PLAIN))) return -1;
  const end = closed(window, last.end);
  const house = codeAt(window, end) === SPACE ? houseEnd(window, end + 1) : -1;
  return house < 0 ? last.end : house;
}

interface Road {
  readonly end: number;
  /** A word of it means a street. */
  readonly isStreet: boolean;
  /** A number closes it. */
  readonly house: boolean;
  /** No word of it is written large. */
  readonly isSmall: boolean;
  /** How many numbers open it. */
  readonly numbers: number;
}

/** "6750 Koskikatu 25", "39 27 Alkyon Avenue": numbers, the words of a street, and perhaps its house. */
function roadFrom(window: Window, at: number): Road | null {
  const first = houseEnd(window, at);
  if (first < 0 || codeAt(window, first) !== SPACE) return null;
  const second = isDigit(codeAt(window, first + 1)) ? houseEnd(window, first + 1) : -1;
  const words = wordsFrom(window, second < 0 ? first : second, ROAD_WORDS_MAX, true);
  const last = words[words.length - 1];
  if (last === undefined || words.some((word) => has(word, UNIT | MONTH | CONTEXT))) return null;
  const end = closed(window, last.end);
  const house = codeAt(window, end) === SPACE ? dottedHouse(window, end + 1) : -1;
  return {
    end: house < 0 ? end : house,
    isStreet: words.some((word) => isStreet(window, word)),
    house: house > 0,
    isSmall: words.every(isSmall),
    numbers: second < 0 ? 1 : 2,
  };
}

/** A number of at most six digits with at most a letter glued to it; -1 for any other. */
function houseEnd(window: Window, at: number): number {
  const end = digitsEnd(window, at);
  if (end === at || end - at > 6) return -1;
  if (classOf(codeAt(window, end)) < LOWER) return end;
  return classOf(codeAt(window, end + 1)) < LOWER && !isDigit(codeAt(window, end + 1)) ? end + 1 : -1;
}

/** "12." as Hungarian and Slavic languages write it. */
function dottedHouse(window: Window, at: number): number {
  const end = houseEnd(window, at);
  if (end < 0 || codeAt(window, end) !== DOT) return end;
  return flatBehind(window, end + 1) > 0 ? end + 1 : end;
}

/** Words one blank apart that could be a name: large ones, and small ones that link them. */
function wordsFrom(window: Window, end: number, most: number, small = false): Word[] {
  const words: Word[] = [];
  let at = end;
  while (words.length < most && codeAt(window, at) === SPACE) {
    const word = wordAt(window, at + 1);
    if (word === null || word.digits > 0 || isFlat(window, word)) break;
    if (!small && isSmall(word) && !LINKS.has(spell(window, word))) break;
    words.push(word);
    at = glued(window, closed(window, word.end));
  }
  return words;
}

const isSmall = (word: Word) => word.shape === 'lower';

function isStreet(window: Window, word: Word): boolean {
  const text = spell(window, word);
  return has(word, STREET) || ROADS.has(text) || ROAD_ENDING.test(text);
}

function closed(window: Window, end: number): number {
  return codeAt(window, end) === DOT && codeAt(window, end + 1) === SPACE ? end + 1 : end;
}

/** Past what is joined on by a hyphen, a stroke or an apostrophe. */
function glued(window: Window, end: number): number {
  let at = end;
  for (let joins = 0; joins < 3; joins++) {
    const mark = codeAt(window, at);
    const next = mark === 45 || mark === 47 || mark === 39 ? wordAt(window, at + 1) : null;
    if (next === null) return at;
    at = next.end;
  }
  return at;
}

const FLATS = new Set('apt apartment suite ste flat'.split(' '));

function isFlat(window: Window, word: Word): boolean {
  return word.end - word.start <= 9 && FLATS.has(spell(window, word));
}

/** "Apt. 864", "Suite 12" behind a blank, a comma or a line end; -1 when none is there. */
function flatBehind(window: Window, end: number): number {
  const flat = oneFlatBehind(window, end);
  return flat < 0 ? -1 : Math.max(flat, oneFlatBehind(window, flat));
}

function oneFlatBehind(window: Window, end: number): number {
  const word = wordAt(window, pastBreak(window, end));
  if (word === null || word.start === end || !isFlat(window, word)) return -1;
  let at = codeAt(window, word.end) === DOT ? word.end + 1 : word.end;
  if (codeAt(window, at) !== SPACE) return -1;
  at += codeAt(window, at + 1) === 35 ? 2 : 1;
  return houseEnd(window, at);
}

/** Past blanks, one comma, line ends and the marks of a quoted message. */
function pastBreak(window: Window, end: number): number {
  let at = end;
  let commas = 0;
  for (let skipped = 0; skipped < 14; skipped++) {
    const code = codeAt(window, at);
    if (code === COMMA) commas++;
    else if (code !== SPACE && code !== GREATER && classOf(code) !== LINE) break;
    if (commas > 1) break;
    at++;
  }
  return at;
}

function isTownAhead(window: Window, end: number): boolean {
  const town = codeAt(window, end) === COMMA ? wordAt(window, pastBreak(window, end)) : null;
  return town !== null && !isSmall(town) && !has(town, PLAIN | ROLE | TITLE);
}

/** Takes in the town behind a comma or on the next line, and a country with its postal code; `end` when none is there. */
function townBehind(window: Window, end: number, lines: Lines): number {
  const at = pastBreak(window, end);
  if (at === end || (!lines.sure && codeAt(window, end) === SPACE)) return end;
  const town = nameEnd(window, at, lines.small);
  if (town < 0 || codeAt(window, town) === COLON) return postalBehind(window, end, lines);
  return postalBehind(window, districtBehind(window, town), lines);
}

/** "Karlovy Vary 17": the number of a district, closed by a comma or a line end. */
function districtBehind(window: Window, town: number): number {
  const end = codeAt(window, town) === SPACE ? digitsEnd(window, town + 1) : town;
  const closes = codeAt(window, end) === COMMA || classOf(codeAt(window, end)) === LINE;
  return end - town <= 3 && closes ? end : town;
}

function nameEnd(window: Window, at: number, small: boolean): number {
  const first = wordAt(window, at);
  if (first === null || (isSmall(first) && !small)) return -1;
  if (has(first, PLAIN | CONTEXT | ROLE | TITLE | MONTH)) return -1;
  const words = [
    first,
    ...wordsFrom(window, glued(window, closed(window, first.end)), TOWN_WORDS_MAX - 1, small),
  ];
  const last = words.findLast((word) => small || !isSmall(word)) ?? first;
  return glued(window, last.end);
}

/** "Uruguay 64677", ", CO" and "Sweden 99178": what stands between a town and its postal code, or a line of a country. */
function postalBehind(window: Window, end: number, { sure, small }: Lines): number {
  let at = end;
  let sureTo = end;
  for (let parts = 0; parts < 4; parts++) {
    const start = pastBreak(window, at);
    if (start === at) return sureTo;
    if (isDigit(codeAt(window, start))) return postalEnd(window, start, sureTo);
    const part = wordAt(window, start);
    if (part === null || (isSmall(part) && !small && part.end - part.start > 3)) return sureTo;
    const words = [
      part,
      ...wordsFrom(window, glued(window, closed(window, part.end)), COUNTRY_WORDS_MAX - 1, small),
    ];
    const next = glued(window, words[words.length - 1]?.end ?? part.end);
    if (sure && !isSmall(part) && isLine(window, at, start) && closesLine(codeAt(window, next)))
      sureTo = next;
    at = next;
  }
  return sureTo;
}

function isLine(window: Window, from: number, to: number): boolean {
  for (let at = from; at < to; at++) if (classOf(codeAt(window, at)) === LINE) return true;
  return false;
}

/** A line end, a full stop, a question mark, a comma, or the end of the text. */
function closesLine(code: number): boolean {
  return code === NONE || classOf(code) === LINE || code === DOT || code === 63 || code === COMMA;
}

function postalEnd(window: Window, start: number, none: number): number {
  const end = digitsEnd(window, start);
  const isWhole = end - start >= 4 && end - start <= 6 && classOf(codeAt(window, end)) < LOWER;
  return isWhole ? end : none;
}
