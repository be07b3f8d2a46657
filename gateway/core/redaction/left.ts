import { classOf, LINE } from './characters.ts';
import type { ContextRow } from './context-words.ts';
import type { Finding, Label } from './labels.ts';
import {
  CITY,
  CONNECTOR,
  CONTEXT,
  DATE_CUE,
  DOUBTFUL_CITY,
  GREETING,
  LIFE,
  PLACE_CUE,
  PUBLIC_CODE,
  ROLE,
  STATE,
  STATE_CODE,
  TITLE,
} from './lexicon.ts';
import { PLAIN } from './members.ts';
import type { Context, Left, Member, Scene } from './scene.ts';
import { codeAt, NONE, type Word } from './window.ts';
import { has } from './word.ts';
import {
  AGE_CUES,
  BIRTH_CUES,
  CUE_LINKS,
  HOME_CUES,
  HOME_LINKS,
  NAME_LINKS,
  NAME_OWNERS,
  NAMING,
  PERSON_CUES,
} from './words.ts';

/** Nothing seen yet. */
export function newLeft(holds: Left['holds']): Left {
  return {
    previous: NONE,
    lastWord: null,
    title: false,
    role: false,
    place: false,
    dated: false,
    greeting: false,
    about: null,
    zipNext: false,
    publicCode: false,
    context: null,
    hint: null,
    member: null,
    inValue: false,
    quoteDepth: 0,
    coding: false,
    inString: false,
    holds,
    encodedUntil: 0,
    addressUntil: 0,
    swallowing: null,
    memory: new Set(),
  };
}

/** How many words a label waits for its number once other words came between. */
const CONTEXT_WORDS_MAX = 5;
const MEMORY_MAX = 64;

/** A word went by that is no identifier. */
export function afterWord({ window, left }: Scene, word: Word): void {
  left.previous = codeAt(window, word.end - 1);
  if (word.flags === 0 && left.context === null) plainWord(left, word);
  else listedWord(left, word);
}

function listedWord(left: Left, word: Word): void {
  left.context = contextAfter(left, word);
  if (left.member !== null && has(word, CONTEXT)) left.hint = hintFrom(left);
  left.title = has(word, TITLE);
  left.role = has(word, ROLE) || (left.role && has(word, CONNECTOR) && word.shape === 'lower');
  left.place =
    has(word, PLACE_CUE) || (left.place && (word.entry?.word === 'the' || word.entry?.word === 'our'));
  left.dated = has(word, DATE_CUE);
  left.greeting = has(word, GREETING);
  left.zipNext =
    (has(word, STATE_CODE) && word.shape === 'upper') ||
    (word.shape === 'capital' && has(word, STATE | CITY | DOUBTFUL_CITY));
  left.about = aboutAfter(left, word);
  left.publicCode = has(word, PUBLIC_CODE) || (left.publicCode && has(word, CONNECTOR | CONTEXT));
  left.lastWord = word.entry;
}

function plainWord(left: Left, word: Word): void {
  left.title = left.role = left.place = left.dated = left.zipNext = left.publicCode = left.greeting = false;
  left.about = null;
  left.lastWord = word.entry;
}

const ABOUT: ReadonlyMap<string, Left['about']> = new Map([
  ...AGE_CUES.split(' ').map((word) => [word, 'age'] as const),
  ...BIRTH_CUES.split(' ').map((word) => [word, 'birth'] as const),
  ...PERSON_CUES.split(' ').map((word) => [word, 'person'] as const),
  ...HOME_CUES.split(' ').map((word) => [word, 'home'] as const),
]);
const LINKS: ReadonlySet<string> = new Set(CUE_LINKS.split(' '));
const LINKS_NAME: ReadonlySet<string> = new Set(NAME_LINKS.split(' '));
const LINKS_HOME: ReadonlySet<string> = new Set(HOME_LINKS.split(' '));

const OWNERS: ReadonlySet<string> = new Set(NAME_OWNERS.split(' '));
const NAMERS: ReadonlySet<string> = new Set(NAMING.split(' '));

function aboutAfter({ about: old, lastWord }: Left, word: Word): Left['about'] {
  const text = word.entry?.word ?? '';
  if (leadsToName(lastWord?.word ?? '', text)) return 'name';
  if (text === 'up' && lastWord?.word === 'grew') return 'home';
  if (has(word, LIFE)) return ABOUT.get(text) ?? null;
  return old !== null && linksOf(old).has(text) ? old : null;
}

/** "her maiden name", "call me". */
function leadsToName(before: string, text: string): boolean {
  if (text === 'name') return OWNERS.has(before);
  return NAMERS.has(before) && /^(me|him|her|them)$/.test(text);
}

function linksOf(about: Left['about']): ReadonlySet<string> {
  if (about === 'name') return LINKS_NAME;
  return about === 'home' ? LINKS_HOME : LINKS;
}

const HINTS: ReadonlySet<Label> = new Set<Label>([
  'SSN',
  'MRN',
  'LICENSE',
  'PHONE',
  'FAX',
  'HPBN',
  'ACCOUNT',
  'DEVICE',
  'VEHICLE',
  'GEO',
]);

function hintFrom(left: Left): Label | null {
  const label = left.context?.label ?? null;
  return label !== null && HINTS.has(label) ? label : left.hint;
}

function contextAfter(left: Left, word: Word): Context | null {
  const old = left.context;
  const row = has(word, CONTEXT) ? rowFor(word, left) : undefined;
  if (row !== undefined) return contextFrom(row, old);
  if (old === null) return null;
  if (has(word, CONNECTOR)) return { ...old, marked: old.marked || MARKS.has(word.entry?.word ?? '') };
  if (old.words === 0) return null;
  return { ...old, tight: false, words: old.words - 1 };
}

const MARKS = new Set([
  'number',
  'numbers',
  'no',
  'nos',
  'num',
  'nbr',
  'nr',
  'id',
  'ids',
  'identifier',
  'code',
]);

function rowFor(word: Word, left: Left): ContextRow | undefined {
  const before = left.lastWord?.word;
  return word.entry?.contexts.find(
    (row) => row.hash !== true && (row.after === undefined || row.after === before),
  );
}

/** A vague label such as "id" right behind a clearer one only confirms it. */
function contextFrom(row: ContextRow, old: Context | null): Context {
  const strong = row.strength === 'strong';
  if (
    old?.tight === true &&
    !strong &&
    (row.label === 'OTHER_ID' || row.word === 'card' || row.word === 'record')
  ) {
    return { ...old, marked: true };
  }
  return { label: row.label, strong, marked: false, tight: true, words: CONTEXT_WORDS_MAX };
}

/** A number went by that is no identifier. */
export function afterNumber({ window, left }: Scene, end: number): void {
  left.previous = codeAt(window, end - 1);
  left.about = null;
  left.title = left.role = left.place = left.dated = left.zipNext = left.publicCode = false;
  left.lastWord = null;
  if (left.context !== null)
    left.context =
      left.context.words === 0 ? null : { ...left.context, tight: false, words: left.context.words - 1 };
}

/** A symbol, a blank or a line end went by. */
export function afterSymbol(left: Left, code: number): void {
  if (code === 32) {
    left.previous = code;
    return;
  }
  if (classOf(code) === LINE) endLine(left);
  else if (code === 46 || code === 59 || code === 63 || code === 33) endClause(left, code);
  else if (code === 44) afterComma(left);
  else if (code === 64) left.place = true;
  else if (code === 58) mark(left);
  else if (code === 35) markHash(left);
  else if (code === 123 || code === 125) closeObject(left);
  if (code !== 44 && code !== 46) left.zipNext = left.zipNext && code === 10;
  if (code !== 46 && code !== 58) left.title = false;
  left.previous = code;
}

/** In an array of JSON the key's word holds for every item. */
function afterComma(left: Left): void {
  left.place = false;
  left.about = null;
  if (left.member?.kind === 'context' && !left.inValue) left.context = keyContext(left, left.member);
}

function mark(left: Left): void {
  if (left.context?.tight === true) left.context = { ...left.context, marked: true };
}

/** "MR#", "SS#": words that are labels only here. */
function markHash(left: Left): void {
  const row = left.lastWord?.contexts.find((one) => one.hash === true);
  if (row !== undefined) left.context = contextFrom(row, null);
  mark(left);
}

function endLine(left: Left): void {
  if (left.previous !== 58) left.about = null;
  left.place = left.dated = left.publicCode = false;
  if (left.previous !== 58 && left.previous !== 32) left.role = false;
  if (left.context?.tight !== true || !(left.context.marked || left.context.strong)) left.context = null;
}

function endClause(left: Left, code: number): void {
  left.role = left.place = left.dated = false;
  if (code !== 63 || left.about !== 'name') left.about = null;
  if (code !== 46) left.title = false;
  if (left.context?.tight === false) left.context = null;
}

/** A quote went by: one as deep as the quote that opened a value closes it, a deeper one is part of it. */
export function afterQuote(left: Left, depth: number): void {
  const part =
    left.member === null || depth < 0 || (left.inValue && depth > left.quoteDepth) || endsNested(left);
  if (!part) {
    left.inValue = !left.inValue;
    left.quoteDepth = depth;
    left.role = left.inValue && left.member?.kind === 'name';
    left.place = left.dated = left.zipNext = left.title = false;
  }
  left.zipNext = false;
  left.previous = 34;
}

/** A quote straight behind a bracket closes JSON that was written inside a string. */
function endsNested(left: Left): boolean {
  return !left.inValue && (left.previous === 125 || left.previous === 93);
}

function closeObject(left: Left): void {
  if (left.inValue) return;
  left.coding = false;
  if (left.member === null) return;
  left.member = PLAIN;
  left.context = null;
}

/** Keys behind which an earlier label says nothing any more. */
const UNRELATED = new Set(['resourcetype', 'fullurl', 'valuequantity', 'component']);

interface SeenKey {
  readonly end: number;
  readonly key: string;
  readonly member: Member;
}

/** A JSON key was read; returns where reading goes on. */
export function afterKey(
  left: Left,
  seen: SeenKey,
  quote: { readonly at: number; readonly depth: number },
): number {
  left.member = memberFor(left, seen);
  if (seen.member.kind === 'code') left.coding = true;
  left.title = left.role = left.place = left.dated = left.zipNext = left.publicCode = false;
  left.about = null;
  left.lastWord = null;
  left.context = keyContext(left, seen.member);
  if (UNRELATED.has(seen.key) || (seen.member.kind === 'value' && left.hint !== 'GEO')) left.hint = null;
  left.inValue = seen.end === quote.at + 1;
  left.quoteDepth = quote.depth;
  left.previous = left.inValue ? 34 : 58;
  return seen.end;
}

function memberFor(left: Left, seen: { key: string; member: Member }): Member {
  if (seen.key === 'display' && left.coding) return { ...seen.member, kind: 'term' };
  if (seen.key === 'valuestring' && left.hint === 'NAME')
    return { kind: 'whole', label: 'NAME', part: 'whole' };
  return seen.member;
}

function keyContext(left: Left, member: Member): Context | null {
  const label =
    member.kind === 'context'
      ? member.label
      : member.kind === 'value' && member.label === null
        ? left.hint
        : null;
  if (label === null || label === 'NAME' || label === 'GEO') return null;
  return { label, strong: true, marked: true, tight: true, words: CONTEXT_WORDS_MAX };
}

/** An identifier ended: whatever led to it is spent. The same holds behind its token in a redacted text. */
export function afterFinding(left: Left, finding: Finding, previous: number, end: number): void {
  spend(left, previous, end);
  left.zipNext = finding.label === 'GEO' && finding.part !== 'zip';
  left.swallowing = finding.runsOn ?? null;
  for (const name of finding.remember ?? []) {
    if (left.memory.size < MEMORY_MAX) left.memory.add(name);
  }
}

/** Something was passed over whole: a token, a UUID, a public web address. */
export function afterPass({ window, left }: Scene, at: number, end: number): void {
  const text = window.text.slice(at, end);
  const hint = PASSED_HINTS.find(([pattern]) => pattern.test(text));
  spend(left, codeAt(window, end - 1), end);
  left.zipNext = text.startsWith('[GEO]');
  if (hint !== undefined) left.hint = hint[1];
}

const PASSED_HINTS: readonly (readonly [RegExp, Label])[] = [
  [/[-/]ssn$/i, 'SSN'],
  [/maidenname$/i, 'NAME'],
  [/passport/i, 'LICENSE'],
];

function spend(left: Left, previous: number, end: number): void {
  left.greeting = left.title = left.role = left.place = left.dated = left.publicCode = false;
  left.context = null;
  left.about = null;
  left.lastWord = null;
  left.previous = previous;
  left.addressUntil = end;
}
