import { classOf, DIGIT, isUpper, LOWER } from './characters.ts';

/**
 * A secret word that marks a confidential text, with every form of it that is watched for: as it is and reversed, the
 * same in ROT13, in hexadecimal and in base64 at every place it can take in a longer text. Case and whatever stands
 * between letters and digits do not count. Compiled into one automaton: each letter costs one look-up.
 */
export interface Mark {
  /** The state after a letter: `next[state * SYMBOLS + symbol]`; state 0 is the start. */
  readonly next: Uint16Array;
  /** How many of the last letters may belong to a form of the mark, by state. */
  readonly depth: Uint8Array;
  /** The state of the longest shorter run of last letters that may belong to a form, by state. */
  readonly fallback: Uint16Array;
  /** 1 for a state in which a telling part of a form is complete. */
  readonly telling: Uint8Array;
}

/** Letters and digits, in this order. */
export const SYMBOLS = 36;

/** So many characters of the mark in a row tell it; fewer come about by chance. */
const TELLING_CHARS = 8;

/** Compiles a mark of A-Z and 2-7, at least eight characters long. */
export function compileMark(mark: string): Mark {
  const trie = newTrie();
  for (const { form, window } of formsOf(mark)) {
    const symbols = [...form].map(symbolOf).filter((symbol) => symbol >= 0);
    for (let at = 0; at + window <= symbols.length; at++) addWord(trie, symbols.slice(at, at + window));
  }
  return automatonOf(trie);
}

/** The symbol of a unit of plain text, or -1 for what stands between letters. */
export function symbolOfCode(code: number): number {
  const kind = code < 128 ? classOf(code) : 0;
  if (kind === DIGIT) return code - 48 + 26;
  if (kind < LOWER) return -1;
  return isUpper(code) ? code - 65 : code - 97;
}

const symbolOf = (character: string): number => symbolOfCode(character.charCodeAt(0));

interface Form {
  readonly form: string;
  /** How much of this form holds as much as a telling part of the mark. */
  readonly window: number;
}

function formsOf(mark: string): readonly Form[] {
  const turned = rot13(mark);
  const letters = [mark, reversed(mark), turned, reversed(turned)];
  const cases = [mark, mark.toLowerCase()];
  return [
    ...letters.map((form) => ({ form, window: TELLING_CHARS })),
    ...cases.map((one) => ({ form: Buffer.from(one).toString('hex'), window: TELLING_CHARS * 2 })),
    ...cases.flatMap((one) => base64Forms(one).map((form) => ({ form, window: BASE64_WINDOW }))),
  ];
}

/** Eight bytes decide ten characters of base64 at least, wherever they stand. */
const BASE64_WINDOW = 10;

/** The mark after none, one and two other bytes, without the characters that these and what follows decide too. */
function base64Forms(mark: string): readonly string[] {
  return [0, 1, 2].map((before) => {
    const encoded = Buffer.from('\0'.repeat(before) + mark).toString('base64');
    const bits = (before + mark.length) * 8;
    return encoded.slice(Math.ceil((before * 8) / 6), Math.floor(bits / 6));
  });
}

function reversed(text: string): string {
  return [...text].toReversed().join('');
}

function rot13(text: string): string {
  return text.replace(/[A-Z]/g, (letter) =>
    String.fromCharCode(((letter.charCodeAt(0) - 65 + 13) % 26) + 65),
  );
}

interface Trie {
  readonly children: Map<number, number>[];
  readonly depth: number[];
  readonly ends: Set<number>;
}

function newTrie(): Trie {
  return { children: [new Map()], depth: [0], ends: new Set() };
}

function addWord(trie: Trie, symbols: readonly number[]): void {
  let node = 0;
  for (const symbol of symbols) {
    const child = trie.children[node]?.get(symbol) ?? trie.children.length;
    if (child === trie.children.length) {
      trie.children[node]?.set(symbol, child);
      trie.children.push(new Map());
      trie.depth.push((trie.depth[node] ?? 0) + 1);
    }
    node = child;
  }
  trie.ends.add(node);
}

/** Aho and Corasick's automaton with every transition filled in; nodes are visited nearest the root first. */
function automatonOf({ children, depth, ends }: Trie): Mark {
  const next = new Uint16Array(children.length * SYMBOLS);
  const telling = Uint8Array.from(children, (_, node) => (ends.has(node) ? 1 : 0));
  const fallback = new Uint16Array(children.length);
  const order = [0];
  for (const node of order) {
    const back = fallback[node] ?? 0;
    if (telling[back] === 1) telling[node] = 1;
    for (let symbol = 0; symbol < SYMBOLS; symbol++) {
      const child = children[node]?.get(symbol);
      const otherwise = node === 0 ? 0 : (next[back * SYMBOLS + symbol] ?? 0);
      next[node * SYMBOLS + symbol] = child ?? otherwise;
      if (child === undefined) continue;
      fallback[child] = otherwise;
      order.push(child);
    }
  }
  return { next, fallback, telling, depth: Uint8Array.from(depth) };
}
