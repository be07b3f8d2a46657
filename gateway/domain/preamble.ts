/** The longest preamble, in UTF-8 bytes. */
export const PREAMBLE_BYTES_MAX = 16_384;

/** Whether a text may be a preamble: it says something, is whole Unicode, and is no longer than allowed. */
export function isPreamble(text: string): boolean {
  if (text.length > PREAMBLE_BYTES_MAX || !/\S/.test(text) || text.includes('\0')) return false;
  return text.isWellFormed() && preambleBytes(text) <= PREAMBLE_BYTES_MAX;
}

export function preambleBytes(text: string): number {
  return new TextEncoder().encode(text).length;
}
