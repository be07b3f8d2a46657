/** The text in pieces of a few words, as a model would stream it; joined they are the text again. */
export function wordGroups(text: string): readonly string[] {
  return text.match(WORD_GROUP) ?? [];
}

/** Five words and the space after each; words are cut at 200 characters, never inside a surrogate pair. */
const WORD_GROUP = /(?:[^\s]{1,200}\s*|\s+){1,5}/gu;

/** As much of the text as the tokens allow, at four characters each, and whether that is all of it. */
export function capped(
  text: string,
  tokensMax: number,
): { readonly text: string; readonly isWhole: boolean } {
  const unitsMax = tokensMax * UNITS_PER_TOKEN;
  if (text.length <= unitsMax) return { text, isWhole: true };
  const isSplitPair = /[\uD800-\uDBFF]/.test(text.charAt(unitsMax - 1));
  return { text: text.slice(0, isSplitPair ? unitsMax - 1 : unitsMax), isWhole: false };
}

/** A guess good enough for a simulation: a token has about four characters. */
export function tokensOf(text: string): number {
  return Math.ceil(text.length / UNITS_PER_TOKEN);
}

const UNITS_PER_TOKEN = 4;
