import { isDigit, isUpper } from './characters.ts';
import type { Finding } from './labels.ts';
import {
  CITY,
  COMPOUND,
  CONTEXT,
  CREDENTIAL,
  DOUBTFUL,
  FACILITY,
  GIVEN,
  INSTITUTION,
  LARGE_ONLY,
  MONTH,
  PLAIN,
  ROLE,
  STATE,
  SURNAME,
  TAIL,
  TITLE,
  UNIT,
} from './lexicon.ts';
import { afterSpaces } from './numbers.ts';
import { nextCapital, nextWord, type Piece, pieceFrom } from './phrase.ts';
import type { Scene } from './scene.ts';
import { codeAt, type Window, type Word } from './window.ts';
import { has, spell, wordAt } from './word.ts';

const COMMA = 44;
const NO_NAME = PLAIN | MONTH | TITLE | FACILITY | INSTITUTION | CONTEXT | UNIT | STATE | TAIL | CREDENTIAL;
const DOT = 46;
const UNDERSCORE = 95;
const PERSON_WORDS_MAX = 4;
const PARTICLES = new Set([
  'van',
  'von',
  'de',
  'da',
  'di',
  'del',
  'der',
  'den',
  'la',
  'le',
  'el',
  'al',
  'bin',
  'ibn',
  'dos',
  'y',
]);

/** A person's name, on positive evidence only: a title, a role, a given name, an initial, a credential, memory. */
export function findPerson(scene: Scene, word: Word): Finding | null {
  if (word.shape === 'lower') return findSmallPerson(scene, word);
  if (word.digits > 0) return null;
  const pieces = namePieces(scene, word);
  const first = pieces[0];
  if (first === undefined || !isEvident(scene, pieces)) return null;
  if (!scene.left.title && isEponym(scene.window, pieces)) return null;
  return personFinding(scene.window, pieces);
}

function personFinding(window: Window, pieces: readonly Piece[]): Finding | null {
  const last = pieces[pieces.length - 1];
  if (last === undefined) return null;
  const remember = pieces
    .filter((piece) => piece.word.shape !== 'initial' || piece.tail !== piece.word)
    .filter((piece) => piece.tail.end - piece.word.start > 2)
    .map((piece) => window.text.slice(piece.word.start, piece.tail.end).toLowerCase());
  return { end: inverted(window, last), label: 'NAME', remember };
}

/** "Smith, John": a given name behind a comma belongs to it. */
function inverted(window: Window, last: Piece): number {
  if (codeAt(window, last.end) !== COMMA || !has(last.word, SURNAME)) return joinedSurname(window, last);
  const given = nextCapital(window, last.end + 1);
  if (given === null || !has(given, GIVEN)) return last.bare;
  const initial = nextCapital(window, given.end);
  return initial !== null && initial.shape === 'initial' ? pieceFrom(window, initial).bare : given.end;
}

/** "John_Smith", "John.Smith": a surname behind a mark that is no blank. */
function joinedSurname(window: Window, last: Piece): number {
  const mark = codeAt(window, last.bare);
  if (last.bare !== last.end || (mark !== UNDERSCORE && mark !== DOT)) return last.bare;
  const next = isUpper(codeAt(window, last.bare + 1)) ? wordAt(window, last.bare + 1) : null;
  if (next === null || next.digits > 0 || !has(last.word, GIVEN)) return last.bare;
  const tail = pieceFrom(window, next);
  if (tail.bare !== tail.end) return last.bare;
  return has(next, SURNAME) || (mark === UNDERSCORE && !has(next, PLAIN)) ? tail.bare : last.bare;
}

/** "Smith, John": a listed surname alone, and a given name that is nothing else behind the comma. */
function isInverted(window: Window, pieces: readonly Piece[]): boolean {
  const [first, second] = pieces;
  if (first === undefined || second !== undefined || codeAt(window, first.end) !== COMMA) return false;
  if (!has(first.word, SURNAME) || has(first.word, PLAIN | GIVEN | CITY | STATE)) return false;
  const given = nextCapital(window, first.end + 1);
  if (given === null || given.shape !== first.word.shape) return false;
  return has(given, GIVEN) && !has(given, DOUBTFUL | CITY | STATE | PLAIN);
}

/** The words of a possible name: capitals, initials and particles, up to a word that no name holds. */
function namePieces({ window, left }: Scene, word: Word): Piece[] {
  const pieces: Piece[] = [];
  let next: Word | null = word;
  while (next !== null && pieces.length < PERSON_WORDS_MAX) {
    if (!mayBeNamed(next, pieces.length, left.title)) break;
    const piece = pieceFrom(window, next);
    if (pieces.length > 0 && !isInitialHere(window, piece)) break;
    pieces.push(piece);
    if (piece.bare !== piece.end) break;
    next = nameWord(window, piece.end);
  }
  return pieces;
}

/** A bare A or I is a word of its own unless punctuation closes it: "Mary A.", but not "Mary I think". */
function isInitialHere(window: Window, piece: Piece): boolean {
  if (piece.word.shape !== 'initial' || piece.dotted) return true;
  const letter = codeAt(window, piece.word.start);
  if (letter !== 65 && letter !== 73) return true;
  return afterSpaces(window, piece.end) < 0;
}

function mayBeNamed(word: Word, index: number, titled: boolean): boolean {
  if (word.digits > 0) return false;
  if (word.shape === 'initial') return true;
  if (has(word, PLAIN | MONTH | TITLE) && !has(word, GIVEN | SURNAME)) return false;
  if (has(word, FACILITY | CONTEXT) && !has(word, SURNAME)) return false;
  if (has(word, CREDENTIAL) && word.shape === 'upper' && !has(word, SURNAME)) return false;
  if (index > 0 && has(word, PLAIN) && !has(word, SURNAME)) return false;
  return titled || index > 0 || !has(word, PLAIN) || has(word, GIVEN);
}

function nameWord(window: Window, end: number): Word | null {
  const next = nextWord(window, end);
  if (next === null) return null;
  if (next.shape !== 'lower') return next;
  if (next.end - next.start > 3 || !PARTICLES.has(spell(window, next))) return null;
  const after = nextWord(window, next.end);
  if (after === null) return null;
  if (after.shape !== 'lower') return { ...after, start: after.start };
  return PARTICLES.has(spell(window, after)) ? nextCapital(window, after.end) : null;
}

function isEvident({ window, left }: Scene, pieces: readonly Piece[]): boolean {
  const first = pieces[0];
  if (first === undefined) return false;
  if (left.title)
    return first.word.shape !== 'initial' || first.tail !== first.word || pieces.length > 1 || first.dotted;
  if (isRemembered(window, left.memory, first)) return true;
  if (isInverted(window, pieces)) return true;
  if (first.word.shape === 'upper') return isUpperName(window, left.role, pieces);
  if (isGivenName(window, pieces)) return true;
  if (left.role && isRoleName(window, pieces)) return true;
  if (left.about === 'name' && !has(first.word, PLAIN | STATE)) return true;
  if (LEADS.has(left.lastWord?.word ?? '') && isUnlistedPair(window, pieces)) return true;
  return pieces.length > 1 && hasTailEvidence(window, pieces);
}

function isRemembered(window: Window, memory: ReadonlySet<string>, piece: Piece): boolean {
  if (memory.size === 0 || has(piece.word, PLAIN)) return false;
  return memory.has(window.text.slice(piece.word.start, piece.tail.end).toLowerCase());
}

/** Capitals throughout are names only beside a role or label, or as two listed names. */
function isUpperName(window: Window, role: boolean, pieces: readonly Piece[]): boolean {
  const [first, second] = pieces;
  if (first === undefined) return false;
  const given = has(first.word, GIVEN) && !has(first.word, DOUBTFUL);
  if (second === undefined) {
    return role && codeAt(window, first.end) === COMMA && has(first.word, SURNAME | GIVEN);
  }
  if (given && has(second.tail, SURNAME)) return true;
  return role && (has(first.word, GIVEN | SURNAME) || has(second.tail, GIVEN | SURNAME));
}

/** A given name: alone when it is nothing else, or with a surname, an initial or an unlisted word beside it. */
function isGivenName(window: Window, pieces: readonly Piece[]): boolean {
  const [first, second] = pieces;
  if (first === undefined) return false;
  const firm = has(first.word, GIVEN) && !has(first.word, DOUBTFUL);
  if (second === undefined) return firm && !has(first.word, CITY | STATE) && !isPlaceTail(window, first);
  if (firm || (has(first.word, GIVEN) && first.tail !== first.word)) return true;
  if (has(first.word, GIVEN))
    return has(second.tail, SURNAME | GIVEN) || second.dotted || endsAsInitial(window, second);
  if (first.word.shape === 'initial') return first.dotted && has(second.tail, SURNAME);
  return has(second.tail, SURNAME) && has(first.word, SURNAME) && !has(first.word, CITY | COMPOUND);
}

function endsAsInitial(window: Window, piece: Piece): boolean {
  return piece.word.shape === 'initial' && codeAt(window, piece.end) !== 45;
}

function isPlaceTail(window: Window, piece: Piece): boolean {
  const next = nextCapital(window, piece.end);
  return next !== null && (has(next, FACILITY | INSTITUTION) || next.shape === 'upper');
}

/** After a role two capitalised words are a name, and so is one that could be. */
function isRoleName(window: Window, pieces: readonly Piece[]): boolean {
  const [first, second] = pieces;
  if (first === undefined || has(first.word, PLAIN | STATE | CITY)) return false;
  if (second !== undefined)
    return first.word.shape !== 'upper' && (second.word.shape !== 'upper' || second.dotted);
  return has(first.word, GIVEN | SURNAME) && !isDigit(codeAt(window, first.end + 1));
}

/** Words after which a pair of large words is a person. */
const LEADS = new Set('by said says asked told thanked add contact called i am meet'.split(' '));

/** "seen by Wren Calloway": two large words that are nothing else, and nothing large behind them. */
function isUnlistedPair(window: Window, pieces: readonly Piece[]): boolean {
  const [first, second] = pieces;
  if (first === undefined || second === undefined || first.word.shape === 'upper') return false;
  const last = pieces[pieces.length - 1] ?? second;
  if (pieces.some(({ word, tail }) => has(word, NO_NAME) || has(tail, NO_NAME))) return false;
  return last.word.shape === 'capital' && nextCapital(window, last.end) === null;
}

/** Verbs of people, behind their name. */
const PEOPLE_DO = new Set(
  'lives lived resides said says told asked wrote denies complains recalls'.split(' '),
);

/** ", MD", "is a 54-year-old", ", 54", "(MRN", ", who": what follows a name. */
function hasTailEvidence(window: Window, pieces: readonly Piece[]): boolean {
  const last = pieces[pieces.length - 1];
  const first = pieces[0];
  if (last === undefined || first === undefined || has(first.word, PLAIN | STATE | CITY | COMPOUND))
    return false;
  if (last.word.shape === 'upper' && !last.dotted) return false;
  const comma = codeAt(window, last.end) === COMMA;
  const next = nextWord(window, comma ? last.end + 1 : last.end);
  if (next !== null && has(next, CREDENTIAL) && next.shape !== 'lower')
    return comma || next.shape === 'upper';
  if (next !== null && !comma && spell(window, next) === 'is') return isAged(window, next.end);
  if (next !== null && !comma && PEOPLE_DO.has(spell(window, next))) return isUnlistedPair(window, pieces);
  return false;
}

function isAged(window: Window, end: number): boolean {
  const article = nextWord(window, end);
  if (article === null || article.end - article.start > 2) return false;
  const gap = afterSpaces(window, article.end);
  return gap > 0 && isDigit(codeAt(window, gap));
}

/** "Crohn's disease", "Foley catheter", "Glasgow Coma Scale": named after people, naming none here. */
function isEponym(window: Window, pieces: readonly Piece[]): boolean {
  const last = pieces[pieces.length - 1];
  const first = pieces[0];
  if (last === undefined || first === undefined) return false;
  const next = nextWord(window, last.end);
  if (next !== null && has(next, TAIL)) return true;
  if (codeAt(window, last.end) === 45 && wordTail(window, last.end + 1)) return true;
  return has(first.word, COMPOUND) && !has(first.word, GIVEN);
}

function wordTail(window: Window, at: number): boolean {
  const word = wordAt(window, at);
  return word !== null && word.shape === 'lower';
}

/** Behind these even a plain word is a surname: "mr . ward". */
const FIRM_TITLES = new Set(['dr', 'mr', 'mrs', 'ms']);

/** Names written small, as in transcripts: a listed given name, or any listed name after a title or a greeting. */
function findSmallPerson({ window, left }: Scene, word: Word): Finding | null {
  if (has(word, SURNAME) && left.title && FIRM_TITLES.has(left.lastWord?.word ?? ''))
    return smallFinding(window, word);
  if (!has(word, GIVEN | SURNAME) || has(word, PLAIN | UNIT)) return null;
  if (left.title || (left.greeting && has(word, GIVEN))) return smallFinding(window, word);
  if (!isSmallName(window, left, word)) return null;
  const next = nextWord(window, word.end);
  return next !== null && next.shape === 'lower' && has(next, TAIL) ? null : smallFinding(window, word);
}

function isSmallName(window: Window, left: Scene['left'], word: Word): boolean {
  const text = word.entry?.word ?? '';
  if (left.memory.has(text) && !COMMON_SMALL.has(text)) return true;
  if (!has(word, GIVEN)) return false;
  if (!has(word, DOUBTFUL | LARGE_ONLY) || isOfAge(window, word)) return true;
  return smallSurname(window, word) !== null && !COMMON_SMALL.has(text);
}

function smallFinding(window: Window, word: Word): Finding {
  const last = smallSurname(window, word) ?? word;
  const remember = [word.entry?.word ?? '', last.entry?.word ?? ''].filter((name) => name.length > 2);
  return { end: last.end, label: 'NAME', remember };
}

function smallSurname(window: Window, word: Word): Word | null {
  const mark = codeAt(window, word.end);
  const joined = mark === UNDERSCORE || mark === DOT ? wordAt(window, word.end + 1) : null;
  const next = joined ?? nextWord(window, word.end);
  if (next === null || next.shape !== 'lower' || !has(next, SURNAME) || has(next, PLAIN | ROLE | UNIT))
    return null;
  if (!COMMON_SMALL.has(next.entry?.word ?? '')) return next;
  return isBornNext(window, next.end) ? next : null;
}

/** "gloria is a 46-year-old". */
function isOfAge(window: Window, word: Word): boolean {
  const next = nextWord(window, word.end);
  return next !== null && spell(window, next) === 'is' && isAged(window, next.end);
}

/** "betty hill , uh , date of birth": whoever is introduced with a date of birth was named whole. */
function isBornNext(window: Window, end: number): boolean {
  let at = end;
  for (let words = 0; words < 2; words++) {
    while (at - end < BORN_UNITS && isBetween(codeAt(window, at))) at++;
    const next = wordAt(window, at);
    if (next === null) return false;
    if (/^(date|dob|born)$/.test(spell(window, next))) return true;
    at = next.end;
  }
  return false;
}

const BORN_UNITS = 16;

function isBetween(code: number): boolean {
  return code === 32 || code === COMMA || code === DOT;
}

/** Surnames that, written small, are mostly plain words. */
const COMMON_SMALL = new Set(
  'little short long good best love may will small green brown white black gray young strong price rich sharp weeks case hale person day frost hood wall ward west bean bird bush glass ball church england english farmer french fields flowers frank gates gay golden gross hall hart herring hill hunt king knight lake land lane lin lim le li ho lu marks marsh moody moon moss noble page park parks pitts poole pope potter powers rice rose rush savage sellers singleton snow sparks stark stone stout summers sweet strange wade walls ware waters wise wolf wood woods do'.split(
    ' ',
  ),
);
