import { isOneOf } from '../../domain/vocabulary.ts';
import { IMAGE_RULES, type Obligations, PROMPT_RULES, REDACTION_PROFILES } from './decision.ts';

/** What one allow rule asks for; what it does not name it leaves to the others. */
export type Duties = { readonly [Name in keyof Obligations]?: NonNullable<Obligations[Name]> };

/** Desks that can be told; a closed set, so that an alert cannot be sent nowhere. */
const DESKS = ['privacy', 'security', 'safety'] as const;

/** On a deny nothing is released, kept or sent. */
export const NOTHING_PERMITTED: Obligations = Object.freeze({
  redact: 'safe-harbor',
  deidentify: 'reject',
  images: 'deny',
  maxTokens: 0,
  retainDays: 0,
  humanReviewPercent: 0,
  alerts: Object.freeze([]),
});

/**
 * Reads `key=value; key=value`, or `-` for none. Undefined when any key or value is unknown, repeated or missing:
 * a duty that cannot be understood cannot be kept, so its rule must not allow.
 */
export function readDuties(text: string): Duties | undefined {
  if (text === '-') return {};
  const read = text.split(';').map((part) => readDuty(part.trim()));
  if (!read.every((duty) => duty !== undefined)) return undefined;
  const merged: Duties = Object.assign({}, ...read);
  return Object.keys(merged).length === read.length ? merged : undefined;
}

/**
 * The strictest of each kind over all rules that allowed. Where no rule says how to redact or what the model may
 * see, the strictest of all applies; images need the word of every rule.
 */
export function mergeDuties(all: readonly Duties[]): Obligations {
  return Object.freeze({
    redact: strictest(REDACTION_PROFILES, present(all, 'redact')),
    deidentify: strictest(PROMPT_RULES, present(all, 'deidentify')),
    images: all.length > 0 && all.every(({ images }) => images === 'allow') ? 'allow' : 'deny',
    maxTokens: least(present(all, 'maxTokens')),
    retainDays: least(present(all, 'retainDays')),
    humanReviewPercent: Math.max(0, ...present(all, 'humanReviewPercent')),
    alerts: Object.freeze([...new Set(present(all, 'alerts').flat())].sort()),
  });
}

function readDuty(part: string): Duties | undefined {
  const at = part.indexOf('=');
  const key = part.slice(0, Math.max(at, 0));
  return READERS.get(key)?.(part.slice(at + 1));
}

const READERS: ReadonlyMap<string, (value: string) => Duties | undefined> = new Map<
  string,
  (value: string) => Duties | undefined
>([
  ['redact', (value) => (isOneOf(REDACTION_PROFILES, value) ? { redact: value } : undefined)],
  ['deidentify', (value) => (isOneOf(PROMPT_RULES, value) ? { deidentify: value } : undefined)],
  ['images', (value) => (isOneOf(IMAGE_RULES, value) ? { images: value } : undefined)],
  ['max_tokens', (value) => given('maxTokens', count(value, 1, 1_000_000))],
  ['retain', (value) => given('retainDays', days(value))],
  ['human_review', (value) => given('humanReviewPercent', reviewPercent(value))],
  ['alert', (value) => given('alerts', desks(value))],
]);

function given<Name extends keyof Duties>(name: Name, value: Duties[Name]): Duties | undefined {
  return value === undefined ? undefined : { [name]: value };
}

function count(text: string, min: number, max: number): number | undefined {
  if (!/^(0|[1-9]\d{0,6})$/.test(text)) return undefined;
  const number = Number(text);
  return number >= min && number <= max ? number : undefined;
}

function days(value: string): number | undefined {
  return value.endsWith('d') ? count(value.slice(0, -1), 0, 3_650) : undefined;
}

function reviewPercent(value: string): number | undefined {
  if (value === 'never') return 0;
  if (value === 'always') return 100;
  return value.startsWith('sample:') ? count(value.slice('sample:'.length), 1, 99) : undefined;
}

function desks(value: string): readonly string[] | undefined {
  const named = value.split('|');
  const known = named.every((desk) => isOneOf(DESKS, desk));
  return known && new Set(named).size === named.length ? named : undefined;
}

function present<Name extends keyof Duties>(all: readonly Duties[], name: Name): NonNullable<Duties[Name]>[] {
  return all.flatMap((duties) => {
    const value = duties[name];
    return value === undefined ? [] : [value];
  });
}

/** The words are listed least strict first; when none is named, the last. */
function strictest<Word extends string>(scale: readonly [Word, ...Word[]], named: readonly Word[]): Word {
  return scale.findLast((word) => named.length === 0 || named.includes(word)) ?? scale[0];
}

function least(values: readonly number[]): number | null {
  return values.length === 0 ? null : Math.min(...values);
}
