/**
 * The plain form of one character, for matching only: digits, letters and hyphens of every width and style
 * become ASCII, accents go, look-alike Cyrillic and Greek letters become Latin. An empty string means that the
 * character is invisible and belongs to the one before it.
 */
export function foldCharacter(character: string): string {
  const point = character.codePointAt(0) ?? 0;
  if (isInvisible(point)) return '';
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
  ['‘’ʼ′`', "'''''"],
  ['“”„', '"""'],
  ['\u0085\u2028\u2029', '\n\n\n'],
  ['\u2024\u3002', '..'],
];

const NAMED: ReadonlyMap<number, string> = new Map(
  PAIRS.flatMap(([from, to]) => [...from].map((c, i) => [c.codePointAt(0) ?? 0, [...to][i] ?? ''] as const)),
);

function isInvisible(point: number): boolean {
  if (point < 0x300) return point === 0xad;
  if (point <= 0x36f) return true;
  if (point >= 0x200b && point <= 0x200f) return true;
  if (point >= 0x202a && point <= 0x202e) return true;
  if (point >= 0x2060 && point <= 0x206f) return true;
  if (point >= 0xfe00 && point <= 0xfe0f) return true;
  return point === 0xfeff || point === 0x180e || (point >= 0xe0000 && point <= 0xe01ef);
}

function isDash(point: number): boolean {
  if (point >= 0x2010 && point <= 0x2015) return true;
  return point === 0x2212 || point === 0x2043 || point === 0xfe58 || point === 0xfe63 || point === 0xff0d;
}

function isWideSpace(point: number): boolean {
  if (point >= 0x2000 && point <= 0x200a) return true;
  return point === 0xa0 || point === 0x202f || point === 0x205f || point === 0x3000;
}

function decompose(character: string, point: number): string {
  const plain = character.normalize('NFKD').replace(/[\u0300-\u036f]/g, '');
  if (/^[\x20-\x5b\x5d-\x7e]{1,4}$/.test(plain)) return plain;
  return point > 0xffff ? SYMBOL : character;
}
