/**
 * The plain form of one character, for matching only: digits, letters and hyphens of every width and style
 * become ASCII, accents go, look-alike Cyrillic and Greek letters become Latin. An empty string means that the
 * character is invisible and belongs to the one before it.
 */
export function foldCharacter(character: string): string {
  const point = character.codePointAt(0) ?? 0;
  const named = NAMED.get(point);
  if (named !== undefined) return named;
  if (isOrdinaryLetter(point)) return character;
  if (isInvisible(character, point)) return '';
  if (isDash(point)) return '-';
  if (isWideSpace(point)) return ' ';
  return digitOf(character, point) ?? decompose(character, point);
}

/** Cyrillic, Chinese and Korean: whole pages are written in them, and beyond the look-alikes nothing in them folds. */
function isOrdinaryLetter(point: number): boolean {
  if (point >= 0x400 && point <= 0x482) return true;
  return (point >= 0x3400 && point <= 0x9fff) || (point >= 0xac00 && point <= 0xd7a3);
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

/**
 * What Unicode says to ignore, marks upon other characters, the annotation marks and the blank of Braille.
 * https://www.unicode.org/reports/tr44/#Default_Ignorable_Code_Point
 */
const INVISIBLE = /^[\p{Default_Ignorable_Code_Point}\p{Mn}\p{Me}\ufff9-\ufffb\u2800]$/u;

function isInvisible(character: string, point: number): boolean {
  return point >= 0xa0 && INVISIBLE.test(character);
}

/** The first of ten or nine characters in a row that each stand for one digit: circled, in brackets, with a stop or comma. */
const RINGED: readonly (readonly [number, number])[] = [
  [0x2460, 1],
  [0x2474, 1],
  [0x2488, 1],
  [0x24f5, 1],
  [0x2776, 1],
  [0x2780, 1],
  [0x278a, 1],
  [0x1f101, 0],
];

/** The decimal digit that a character of any script or style stands for. */
function digitOf(character: string, point: number): string | undefined {
  if (/^\p{Nd}$/u.test(character)) return String(decimalOf(point));
  if (point === 0x24ff) return '0';
  if (point < 0x2460) return undefined;
  const row = RINGED.find(([first, value]) => point >= first && point < first + 10 - value);
  return row === undefined ? undefined : String(point - row[0] + row[1]);
}

/** Decimal digits stand ten in a row, from 0 to 9 (Unicode standard, section 4.6), and rows may touch. */
function decimalOf(point: number): number {
  let first = point;
  while (/^\p{Nd}$/u.test(String.fromCodePoint(first - 1))) first -= 1;
  return (point - first) % 10;
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
