import type { Entry } from './lexicon.ts';

/** How far right of a decision a recogniser may look, in UTF-16 units of the original text. */
export const LOOKAHEAD_UNITS = 240;

/** What `codeAt` gives beyond the end of the text or of the window; equal to no character. */
export const NONE = -1;

/** How a word is written. */
export type Shape = 'lower' | 'capital' | 'upper' | 'initial';

/** A run of letters and digits that starts with a letter. */
export interface Word {
  readonly start: number;
  readonly end: number;
  readonly shape: Shape;
  readonly digits: number;
  readonly entry: Entry | null;
  readonly flags: number;
}

/** How many words are kept from one look to the next; a power of two. */
export const WORDS_KEPT = 16;

/**
 * The text to the right of one decision. Everything a recogniser learns about it comes through `codeAt`, so
 * `starved` is true exactly when the decision touched a unit that has not arrived yet, and must be made again.
 */
export interface Window {
  text: string;
  /** First unit that cannot be read now. */
  limit: number;
  /** First unit that may never be read in this decision, whatever arrives. */
  stop: number;
  /** True once nothing more can arrive. */
  ended: boolean;
  starved: boolean;
  /** Units read so far: the work done, for the law that it grows in step with the text. */
  steps: number;
  /** Words read whole, by the last bits of where they start: looks at one word come in bunches. */
  readonly words: (Word | undefined)[];
}

/** A window on no text yet. */
export function createWindow(): Window {
  return {
    text: '',
    limit: 0,
    stop: 0,
    ended: false,
    starved: false,
    steps: 0,
    words: new Array(WORDS_KEPT),
  };
}

/** The unit at an index, or NONE; notes when the answer would be another once more text is here. */
export function codeAt(window: Window, index: number): number {
  window.steps++;
  if (index < window.limit) return window.text.charCodeAt(index);
  if (index < window.stop && !window.ended) window.starved = true;
  return NONE;
}
