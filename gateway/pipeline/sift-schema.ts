import type { Sieve } from './sieve.ts';

/** Keywords of JSON Schema whose numbers bound what may be written; they say nothing about anyone. */
const BOUNDS = new Set(
  'minimum maximum exclusiveMinimum exclusiveMaximum multipleOf minLength maxLength minItems maxItems minContains maxContains minProperties maxProperties'.split(
    ' ',
  ),
);
/** Keywords whose value is an example of the caller's own content. */
const EXAMPLES = new Set(['enum', 'const', 'default', 'examples', 'example']);
/** Keywords whose members are named by the caller, so that a name there is no keyword. */
const NAMED = new Set(['properties', 'patternProperties', '$defs', 'definitions', 'dependentSchemas']);

/** A JSON schema through the sieve: its texts and examples are scanned, the numbers that bound them stay as they are. */
export async function siftSchema<T extends object>(sieve: Sieve, schema: T): Promise<T> {
  const clean = await sieve.object(withBounds(schema, {}, 'keyword'));
  return withBounds(clean, schema, 'keyword');
}

/** The same schema with its bounds taken from another one of the same form, or 0 where that has none. */
function withBounds<T>(schema: T, from: unknown, keys: 'keyword' | 'name'): T {
  if (Array.isArray(schema))
    return schema.map((item, at) =>
      withBounds(item, Array.isArray(from) ? from[at] : undefined, 'keyword'),
    ) as T;
  if (typeof schema !== 'object' || schema === null) return schema;
  const members = Object.entries(schema).map(([key, value]) => [
    key,
    memberOf({ key, value, from: memberIn(from, key) }, keys),
  ]);
  return Object.fromEntries(members);
}

function memberOf(
  { key, value, from }: { readonly key: string; readonly value: unknown; readonly from: unknown },
  keys: 'keyword' | 'name',
): unknown {
  if (keys === 'name') return withBounds(value, from, 'keyword');
  if (EXAMPLES.has(key)) return value;
  if (BOUNDS.has(key) && typeof value === 'number') return typeof from === 'number' ? from : 0;
  return withBounds(value, from, NAMED.has(key) ? 'name' : 'keyword');
}

function memberIn(from: unknown, key: string): unknown {
  return typeof from === 'object' && from !== null && Object.hasOwn(from, key)
    ? Reflect.get(from, key)
    : undefined;
}
