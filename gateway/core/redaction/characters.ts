/** Classes of one normalised UTF-16 unit. */
const OTHER = 0;
const SPACE = 1;
export const LINE = 2;
export const DIGIT = 3;
export const LOWER = 4;
export const UPPER = 5;

const ASCII = Uint8Array.from({ length: 128 }, (_, code) => {
  if (code === 32 || code === 9) return SPACE;
  if (code < 32) return LINE;
  if (code >= 48 && code <= 57) return DIGIT;
  if (code >= 97 && code <= 122) return LOWER;
  return code >= 65 && code <= 90 ? UPPER : OTHER;
});

/** The class of a unit; letters without case count as lower case, symbols and NONE as other. */
export function classOf(code: number): number {
  if (code < 128) return code < 0 ? OTHER : (ASCII[code] ?? OTHER);
  return isForeignLetter(code) ? LOWER : OTHER;
}

/** True for a letter of either case. */
export function isLetter(code: number): boolean {
  return classOf(code) >= LOWER;
}

/** True for a decimal digit; others were folded to these. */
export function isDigit(code: number): boolean {
  return code >= 48 && code <= 57;
}

/** True for what a word or an identifier is made of. */
export function isAlphanumeric(code: number): boolean {
  return classOf(code) >= DIGIT;
}

/** True for an upper-case letter. */
export function isUpper(code: number): boolean {
  return code >= 65 && code <= 90;
}

/** True for blanks and line ends. */
export function isBlank(code: number): boolean {
  const kind = classOf(code);
  return kind === SPACE || kind === LINE;
}

function isForeignLetter(code: number): boolean {
  if (code < 0xc0 || code === 0xd7 || code === 0xf7) return false;
  if (code >= 0x2000 && code <= 0x2bff) return false;
  if (code >= 0x3000 && code <= 0x303f) return false;
  return code < 0xd800 || (code >= 0xf900 && code < 0xfe00);
}
