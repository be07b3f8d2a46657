import { isDeepStrictEqual } from 'node:util';
import { isObject, isOfType, listOf, measures, type Schema, target, typesOf } from './json-values.ts';
import { holdsToken } from './render.ts';

export interface Claim {
  readonly value: unknown;
  /** As the caller wrote it; it is only read, and no pattern in it is ever run. */
  readonly schema: unknown;
  /** Whether the value was an instance before it was redacted, so that what redaction left alone still fits. */
  readonly fitted: boolean;
}

/**
 * Whether a redacted value is still an instance of a JSON Schema (drafts 7 to 2020-12), so far as can be told in
 * bounded time without running the caller's patterns. What cannot be told is a no: patterns and formats of a text that
 * redaction touched, references out of the document, keywords not known here, and whatever takes too many steps.
 */
export function staysInstance({ value, schema, fitted }: Claim): boolean {
  return judge({ root: schema, steps: STEPS_MAX }, schema, { value, fitted, depth: 0 }) === 'yes';
}

/** It is an instance, it is none, or nobody can say. */
type Verdict = 'yes' | 'no' | 'unsure';

interface Check {
  readonly root: unknown;
  steps: number;
}

interface Place {
  readonly value: unknown;
  readonly fitted: boolean;
  readonly depth: number;
}

/** A keyword's argument, the place it is applied to, and what stands around it. */
type Judge = (
  given: unknown,
  place: Place,
  around: { readonly check: Check; readonly schema: Schema },
) => Verdict;

const STEPS_MAX = 100_000;
const DEPTH_MAX = 128;

function judge(check: Check, schema: unknown, place: Place): Verdict {
  check.steps -= 1;
  if (check.steps < 0 || place.depth > DEPTH_MAX) return 'unsure';
  if (typeof schema === 'boolean') return sure(schema);
  if (!isObject(schema)) return 'unsure';
  if (place.fitted && isUntouched(check, place.value, place.depth)) return 'yes';
  const around = { check, schema };
  const deeper = { ...place, depth: place.depth + 1 };
  return every(Object.entries(schema), ([keyword, given]) =>
    SILENT.has(keyword) ? 'yes' : (JUDGES.get(keyword)?.(given, deeper, around) ?? 'unsure'),
  );
}

/** True for what redaction cannot have written; a number that identified someone is 0. */
function isUntouched(check: Check, value: unknown, depth: number): boolean {
  check.steps -= 1;
  if (check.steps < 0 || depth > DEPTH_MAX) return false;
  if (typeof value === 'string') return !holdsToken(value);
  if (Array.isArray(value)) return value.every((item) => isUntouched(check, item, depth + 1));
  if (!isObject(value)) return value !== 0;
  return Object.entries(value).every(
    ([key, member]) => !holdsToken(key) && isUntouched(check, member, depth + 1),
  );
}

/** Keywords that ask nothing of the value, or are read together with another. */
const SILENT: ReadonlySet<string> = new Set([
  ...['$schema', '$defs', 'definitions', '$comment', 'title', 'description', 'default', 'examples'],
  ...['deprecated', 'readOnly', 'writeOnly', 'contentEncoding', 'contentMediaType'],
  ...['then', 'else', 'minContains', 'maxContains', 'additionalItems'],
]);

const JUDGES: ReadonlyMap<string, Judge> = new Map<string, Judge>([
  ['$id', (_, __, { check, schema }) => (schema === check.root ? 'yes' : 'unsure')],
  ['type', (given, { value }) => sure(typesOf(given).some((one) => isOfType(value, one)))],
  ['const', (given, { value }) => sure(isSame(given, value))],
  ['enum', (given, { value }, { check }) => isOneOf(check, listOf(given), value)],
  ['$ref', (given, place, { check }) => judge(check, target(check.root, given), place)],
  ['allOf', (given, place, { check }) => every(listOf(given), (part) => judge(check, part, place))],
  ['anyOf', (given, place, { check }) => alternatives(check, listOf(given), place).some],
  ['oneOf', (given, place, { check }) => alternatives(check, listOf(given), place).one],
  ['not', (given, place, { check }) => opposite(judge(check, given, guessed(place)))],
  ['if', judgeIf],
  ['properties', judgeMembers],
  ['patternProperties', judgeMembers],
  ['additionalProperties', judgeMembers],
  [
    'propertyNames',
    (_, { value }) => (isObject(value) && Object.keys(value).some(holdsToken) ? 'unsure' : 'yes'),
  ],
  ['required', (given, { value }) => sure(!isObject(value) || hasAll(value, given))],
  ['dependentRequired', judgeDependents],
  ['items', judgeItems],
  ['prefixItems', judgeItems],
  ['uniqueItems', (given, { value }) => sure(given !== true || areDifferent(value))],
  ['contains', judgeContains],
  ['pattern', (_, { value }) => (typeof value === 'string' ? 'unsure' : 'yes')],
  ['format', (_, { value }) => (typeof value === 'string' ? 'unsure' : 'yes')],
  ...Object.entries(measures).map(([keyword, fits]): [string, Judge] => [
    keyword,
    (given, { value }) => (typeof given === 'number' ? sure(fits(value, given)) : 'unsure'),
  ]),
]);

const sure = (fits: boolean): Verdict => (fits ? 'yes' : 'no');
const opposite = (verdict: Verdict): Verdict =>
  verdict === 'unsure' ? verdict : verdict === 'yes' ? 'no' : 'yes';

function every<T>(items: readonly T[], judgeOne: (item: T, at: number) => Verdict): Verdict {
  let verdict: Verdict = 'yes';
  for (const [at, item] of items.entries()) {
    const one = judgeOne(item, at);
    if (one === 'no') return one;
    if (one === 'unsure') verdict = one;
  }
  return verdict;
}

/** The same place under a part of the schema of which nobody knows whether it fitted before. */
const guessed = (place: Place): Place => ({ ...place, fitted: false });

/**
 * Redaction keeps types, so an alternative for another type was none before either, and the only one left is the one
 * that fitted. Of several, nobody knows which it was.
 */
function alternatives(check: Check, parts: readonly unknown[], place: Place) {
  const possible = parts.filter((part) => isPossible(check, part, place.value));
  const [only] = possible;
  const where = possible.length === 1 ? place : guessed(place);
  const verdicts =
    possible.length === 1 ? [judge(check, only, where)] : possible.map((part) => judge(check, part, where));
  const fit = verdicts.filter((one) => one === 'yes').length;
  const isOpen = verdicts.includes('unsure');
  const some: Verdict = fit > 0 ? 'yes' : isOpen ? 'unsure' : 'no';
  const one: Verdict = fit > 1 ? 'no' : isOpen ? 'unsure' : sure(fit === 1);
  return { some, one };
}

function isPossible(check: Check, part: unknown, value: unknown): boolean {
  check.steps -= 1;
  const own = isObject(part) && part.$ref !== undefined ? target(check.root, part.$ref) : part;
  return !isObject(own) || own.type === undefined || typesOf(own.type).some((type) => isOfType(value, type));
}

function judgeIf(given: unknown, place: Place, { check, schema }: Parameters<Judge>[2]): Verdict {
  const condition = judge(check, given, guessed(place));
  const branch = (part: unknown = true) => judge(check, part, guessed(place));
  if (condition === 'unsure') return every([schema.then, schema.else], branch);
  return branch(condition === 'yes' ? schema.then : schema.else);
}

/** Each member falls under what is written for its key; which pattern fits a key is not found out. */
function judgeMembers(_: unknown, place: Place, { check, schema }: Parameters<Judge>[2]): Verdict {
  const { properties, patternProperties, additionalProperties = true } = schema;
  if (!isObject(place.value)) return 'yes';
  return every(Object.entries(place.value), ([key, value]) => {
    const member = { ...place, value, fitted: place.fitted && !holdsToken(key) };
    if (isObject(patternProperties))
      return member.fitted && isUntouched(check, value, place.depth) ? 'yes' : 'unsure';
    const isNamed = isObject(properties) && Object.hasOwn(properties, key);
    return judge(check, isNamed ? properties[key] : additionalProperties, member);
  });
}

function judgeDependents(given: unknown, { value }: Place): Verdict {
  if (!isObject(given)) return 'unsure';
  if (!isObject(value)) return 'yes';
  return sure(
    Object.entries(given).every(([key, names]) => !Object.hasOwn(value, key) || hasAll(value, names)),
  );
}

function hasAll(members: Schema, names: unknown): boolean {
  return listOf(names).every((name) => typeof name === 'string' && Object.hasOwn(members, name));
}

/** `items` as one schema, as a list with `additionalItems` (draft 7), or after `prefixItems`. */
function judgeItems(_: unknown, place: Place, { check, schema }: Parameters<Judge>[2]): Verdict {
  const { value } = place;
  if (!Array.isArray(value)) return 'yes';
  const { items = true, prefixItems = [], additionalItems = true } = schema;
  const prefix = listOf(Array.isArray(items) ? items : prefixItems);
  const rest = Array.isArray(items) ? additionalItems : items;
  return every(value, (item, at) =>
    judge(check, at < prefix.length ? prefix[at] : rest, { ...place, value: item }),
  );
}

/** Two items whose identifiers were replaced may have become the same. */
function areDifferent(value: unknown): boolean {
  return !Array.isArray(value) || new Set(value.map((item) => JSON.stringify(item))).size === value.length;
}

function judgeContains(given: unknown, place: Place, { check, schema }: Parameters<Judge>[2]): Verdict {
  const { minContains: least = 1, maxContains: most = Number.POSITIVE_INFINITY } = schema;
  if (!Array.isArray(place.value)) return 'yes';
  if (typeof least !== 'number' || typeof most !== 'number') return 'unsure';
  const verdicts = place.value.map((value) => judge(check, given, { ...guessed(place), value }));
  const fit = verdicts.filter((one) => one === 'yes').length;
  const possible = verdicts.filter((one) => one !== 'no').length;
  if (possible < least || fit > most) return 'no';
  return fit >= least && possible <= most ? 'yes' : 'unsure';
}

function isOneOf(check: Check, options: readonly unknown[], value: unknown): Verdict {
  check.steps -= options.length;
  return check.steps < 0 ? 'unsure' : sure(options.some((one) => isSame(one, value)));
}

/** A zero with a sign is a zero. */
function isSame(one: unknown, other: unknown): boolean {
  return one === other || isDeepStrictEqual(one, other);
}
