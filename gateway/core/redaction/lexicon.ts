import { CONNECTORS, CONTEXT_WORDS, type ContextRow } from './context-words.ts';
import { DOUBTFUL_GIVEN_NAMES, GIVEN_NAMES, LARGE_ONLY_NAMES, SURNAMES } from './names.ts';
import * as words from './words.ts';

export const GIVEN = 1 << 0;
export const DOUBTFUL = 1 << 1;
export const SURNAME = 1 << 2;
export const TITLE = 1 << 3;
export const ROLE = 1 << 4;
export const CREDENTIAL = 1 << 5;
export const TAIL = 1 << 6;
export const PLAIN = 1 << 7;
export const FACILITY = 1 << 8;
export const SITE = 1 << 9;
export const STREET = 1 << 10;
export const STATE = 1 << 11;
export const STATE_CODE = 1 << 12;
export const CITY = 1 << 13;
export const DOUBTFUL_CITY = 1 << 14;
export const PLACE_CUE = 1 << 15;
export const DATE_CUE = 1 << 16;
export const MONTH = 1 << 17;
export const UNIT = 1 << 18;
export const CONTEXT = 1 << 19;
export const CONNECTOR = 1 << 20;
export const PUBLIC_CODE = 1 << 21;
export const INSTITUTION = 1 << 22;
/** Starts a known name of two or three words. */
export const COMPOUND = 1 << 23;
export const LARGE_ONLY = 1 << 24;
export const GREETING = 1 << 25;
/** Units that only ever measure, such as mg; beside words such as "in" and "times", which do much else. */
export const MEASURE = 1 << 26;
/** What is counted in studies, such as patients. */
export const CROWD = 1 << 27;
/** Leads to an age or a birth, or is one. */
export const LIFE = 1 << 28;
/** A word that leads to a name. */
const CUE = 1 << 29;

/** What the room knows about one word. */
export interface Entry {
  readonly word: string;
  flags: number;
  month: number;
  contexts: readonly ContextRow[];
}

/** The hash of no letters; `hashLetter` adds one lower-case letter. */
export const EMPTY_HASH = 0x811c9dc5 | 0;

const LISTS: readonly (readonly [string, number])[] = [
  [GIVEN_NAMES, GIVEN],
  [DOUBTFUL_GIVEN_NAMES, GIVEN | DOUBTFUL],
  [SURNAMES, SURNAME],
  [words.TITLES, TITLE],
  [words.ROLES, ROLE],
  [words.CREDENTIALS, CREDENTIAL],
  [words.EPONYM_TAILS, TAIL],
  [words.PLAIN_CAPITALS, PLAIN],
  [words.FACILITIES, FACILITY],
  [words.INSTITUTIONS, INSTITUTION],
  [words.SITES, SITE],
  [words.STREETS, STREET],
  [words.STATES, STATE],
  [words.STATE_CODES, STATE_CODE],
  [words.CITIES, CITY],
  [words.DOUBTFUL_CITIES, DOUBTFUL_CITY],
  [words.PLACE_CUES, PLACE_CUE],
  [words.DATE_CUES, DATE_CUE],
  [words.MEASURES, UNIT | MEASURE],
  [words.CROWDS, UNIT | CROWD],
  [words.LOOSE_UNITS, UNIT],
  [words.PUBLIC_CODES, PUBLIC_CODE],
  [CONNECTORS, CONNECTOR],
  [LARGE_ONLY_NAMES, LARGE_ONLY],
  [words.GREETINGS, GREETING],
  [words.AGE_CUES, LIFE],
  [words.BIRTH_CUES, LIFE],
  [words.PERSON_CUES, LIFE],
  [words.HOME_CUES, LIFE],
  [words.HOME_LINKS, CUE],
  ['grew', CUE],
  [words.NAME_OWNERS, CUE],
  [words.NAME_LINKS, CUE],
  [words.NAMING, CUE],
  [words.AGE_WORDS, LIFE],
];

const ENTRIES: ReadonlyMap<string, Entry> = gatherEntries();

/** Open addressing at a quarter full or less, so that a miss is mostly one look at one number. */
const SLOTS = 1 << 14;
const HASHES = new Int32Array(SLOTS);
const TABLE: readonly (Entry | null)[] = fillTable(HASHES);

/** FNV-1a over UTF-16 units. */
export function hashLetter(hash: number, code: number): number {
  return Math.imul(hash ^ code, 0x01000193);
}

/** The entry of the word of `length` units at `start`, whatever its case; its hash is that of its small letters. */
export function findEntry(text: string, start: number, length: number, hash: number): Entry | null {
  let slot = slotOf(hash);
  for (let tries = 0; tries < SLOTS; tries++) {
    const found = HASHES[slot];
    if (found === 0 || found === undefined) return null;
    const entry = found === hash ? TABLE[slot] : undefined;
    if (entry !== undefined && entry !== null && isSpelt(entry.word, text, start, length)) return entry;
    slot = (slot + 1) & (SLOTS - 1);
  }
  return null;
}

function isSpelt(word: string, text: string, start: number, length: number): boolean {
  if (word.length !== length) return false;
  for (let i = 0; i < length; i++) {
    const code = text.charCodeAt(start + i);
    const small = code >= 65 && code <= 90 ? code | 32 : code;
    if (small !== word.charCodeAt(i)) return false;
  }
  return true;
}

/** The entry of a word in small letters, or null. */
export function entryOf(word: string): Entry | null {
  return ENTRIES.get(word) ?? null;
}

/** The flags of a word, or of a name of two or three words joined by hyphens, such as `los-angeles`; 0 when unknown. */
export function flagsOf(joined: string): number {
  return ENTRIES.get(joined)?.flags ?? 0;
}

function slotOf(hash: number): number {
  return (hash ^ (hash >>> 15)) & (SLOTS - 1);
}

function gatherEntries(): Map<string, Entry> {
  const entries = new Map<string, Entry>();
  const grow = (word: string): Entry => {
    const entry = entries.get(word) ?? { word, flags: 0, month: 0, contexts: [] };
    entries.set(word, entry);
    return entry;
  };
  for (const [list, flag] of LISTS) {
    for (const word of list.split(' ')) {
      grow(word).flags |= flag;
      if (word.includes('-')) grow(word.slice(0, word.indexOf('-'))).flags |= COMPOUND;
    }
  }
  for (const pair of words.MONTHS.split(' ')) {
    const [word = '', month] = pair.split(':');
    const entry = grow(word);
    entry.flags |= MONTH;
    entry.month = Number(month);
  }
  for (const row of CONTEXT_WORDS) {
    const entry = grow(row.word);
    entry.flags |= CONTEXT;
    entry.contexts = [...entry.contexts, row];
  }
  return entries;
}

function fillTable(hashes: Int32Array): (Entry | null)[] {
  const table = new Array<Entry | null>(SLOTS).fill(null);
  for (const entry of ENTRIES.values()) {
    let hash = EMPTY_HASH;
    for (let i = 0; i < entry.word.length; i++) hash = hashLetter(hash, entry.word.charCodeAt(i));
    let slot = slotOf(hash);
    while (table[slot] !== null) slot = (slot + 1) & (SLOTS - 1);
    table[slot] = entry;
    hashes[slot] = hash;
  }
  return table;
}
