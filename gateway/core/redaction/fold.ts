/**
 * The plain form of one character, for matching only: letters and hyphens of every width and style and digits of
 * every script become ASCII, accents go, look-alike Cyrillic and Greek letters become Latin. An empty string means that the
 * character is invisible and belongs to the one before it.
 */
export function foldCharacter(character: string): string {
  if (INVISIBLE.test(character)) return '';
  const point = character.codePointAt(0) ?? 0;
  const named = NAMED.get(point);
  if (named !== undefined) return named;
  if (isDash(point)) return '-';
  if (isWideSpace(point)) return ' ';
  return decompose(character, point);
}

/** Stands for a character of two UTF-16 units that no recogniser cares about. */
const SYMBOL = '\u2588';

/** Look-alikes and marks that compatibility decomposition leaves alone: each character of the first, as in the second. */
const PAIRS: readonly (readonly [string, string])[] = [
  ['аеорсухіјѕ', 'aeopcyxijs'],
  ['АВЕКМНОРСТУХІЈЅ', 'ABEKMHOPCTYXIJS'],
  ['ΑΒΕΖΗΙΚΜΝΟΡΤΥΧ', 'ABEZHIKMNOPTYX'],
  ['οıøłđðØŁĐÐ', 'oiolddOLDD'],
  ['❶❷❸❹❺❻❼❽❾⓿', '1234567890'],
  ['➀➁➂➃➄➅➆➇➈🄋', '1234567890'],
  ['➊➋➌➍➎➏➐➑➒🄌', '1234567890'],
  ['⓵⓶⓷⓸⓹⓺⓻⓼⓽', '123456789'],
  ['⑴⑵⑶⑷⑸⑹⑺⑻⑼', '123456789'],
  ['⒈⒉⒊⒋⒌⒍⒎⒏⒐', '123456789'],
  ['🄁🄂🄃🄄🄅🄆🄇🄈🄉🄊', '0123456789'],
  ['‘’ʼ′`', "'''''"],
  ['“”„', '"""'],
  ['\u0085\u2028\u2029', '\n\n\n'],
  ['\u2024\u3002', '..'],
];

const NAMED: ReadonlyMap<number, string> = new Map(
  PAIRS.flatMap(([from, to]) => [...from].map((c, i) => [c.codePointAt(0) ?? 0, [...to][i] ?? ''] as const)),
);

/** Marks that combine with a letter, what Unicode says may be ignored, controls that are no blank, and a blank pattern. */
const INVISIBLE =
  /^[\p{M}\p{Cf}\p{Default_Ignorable_Code_Point}\x00-\x08\x0e-\x1f\x7f-\x84\x86-\x9f\u2800]$/u;

function isDash(point: number): boolean {
  if (point >= 0x2010 && point <= 0x2015) return true;
  return point === 0x2212 || point === 0x2043 || point === 0xfe58 || point === 0xfe63 || point === 0xff0d;
}

function isWideSpace(point: number): boolean {
  if (point >= 0x2000 && point <= 0x200a) return true;
  return point === 0xa0 || point === 0x202f || point === 0x205f || point === 0x3000;
}

function decompose(character: string, point: number): string {
  const plain = character.normalize('NFKD').replace(/\p{M}/gu, '');
  if (/^[\x20-\x5b\x5d-\x7e]{1,4}$/.test(plain)) return plain;
  if (DIGIT.test(character)) return String(digitValue(point));
  return point > 0xffff ? SYMBOL : character;
}

const DIGIT = /^\p{Nd}$/u;

/** Unicode keeps the ten digits of a script together, nought first; no run of such tens is longer than five. */
function digitValue(point: number): number {
  let before = 0;
  while (before < 50 && DIGIT.test(String.fromCodePoint(point - before - 1))) before++;
  return before % 10;
}
