import type { Label } from './labels.ts';
import type { Entry } from './lexicon.ts';
import type { Window } from './window.ts';

/** A label seen a little earlier, such as "MRN", waiting for its number. */
export interface Context {
  readonly label: Label;
  readonly strong: boolean;
  /** "number", "#" or a colon followed the label. */
  readonly marked: boolean;
  /** Nothing but connecting words stood between the label and here. */
  readonly tight: boolean;
  /** Words it may still wait. */
  readonly words: number;
}

/** The value of a JSON member: what its key says about it. */
export interface Member {
  readonly kind: 'plain' | 'whole' | 'context' | 'value' | 'name' | 'code' | 'term' | 'number';
  readonly label: Label | null;
  readonly part: 'whole' | 'city' | 'zip';
}

/** Everything a decision may know about the text to its left. Nothing else of it is kept. */
export interface Left {
  /** The unit just before, or NONE at the start. */
  previous: number;
  lastWord: Entry | null;
  /** A title, a role, a word of place or a word of date stands just before. */
  title: boolean;
  role: boolean;
  place: boolean;
  dated: boolean;
  greeting: boolean;
  /** What was spoken of, with nothing but linking words since: an age, a birth, a person, a home, a name. */
  about: 'age' | 'birth' | 'person' | 'home' | 'name' | null;
  /** A state or a city was the last thing seen: five digits now are a ZIP code. */
  zipNext: boolean;
  publicCode: boolean;
  context: Context | null;
  /** The last label seen inside a JSON object, for its `value`. */
  hint: Label | null;
  member: Member | null;
  inValue: boolean;
  /** How many strings of JSON the quote that opened the value stands inside of. */
  quoteDepth: number;
  /** A `system` or `code` was seen in this JSON object, so that `display` is a term, not a person. */
  coding: boolean;
  /** Inside a JSON string by the grammar of JSON itself. */
  inString: boolean;
  /** Whether a text that was written in another alphabet holds an identifier. */
  readonly holds: (text: string) => boolean;
  /** Up to here text has been read as another alphabet, and holds nothing. */
  encodedUntil: number;
  /** Up to here the run of characters has been searched for e-mail and web addresses. */
  addressUntil: number;
  swallowing: 'opaque' | 'url' | 'string' | null;
  /** Surnames seen beside evidence, lower case, oldest first. */
  readonly memory: Set<string>;
}

/** One decision to make: the text from `at` on, and what is left of it. */
export interface Scene {
  readonly window: Window;
  readonly left: Left;
}
