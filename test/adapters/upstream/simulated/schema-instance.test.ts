import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { z } from 'zod';
import { instanceOf, type Schema } from '../../../../gateway/adapters/upstream/simulated/schema-instance.ts';

const CASES: readonly (readonly [string, Schema, unknown])[] = [
  ['a constant', { const: 7 }, 7],
  ['an enumeration', { enum: ['a', 'b'] }, 'a'],
  ['null', { type: 'null' }, null],
  ['a boolean', { type: 'boolean' }, true],
  ['a nullable type', { type: ['null', 'integer'] }, 1],
  ['an alternative', { anyOf: [{ type: 'string', minLength: 9, maxLength: 3 }, { type: 'integer' }] }, 1],
  ['an exclusive bound', { type: 'integer', exclusiveMinimum: 5 }, 6],
  ['a number between', { type: 'number', exclusiveMinimum: 2, exclusiveMaximum: 3 }, 2.5],
  ['a multiple', { type: 'integer', minimum: 11, multipleOf: 5 }, 15],
  ['a negative range', { type: 'integer', maximum: -4 }, -4],
  ['a short string', { type: 'string', maxLength: 3 }, 'sim'],
  ['a long string', { type: 'string', minLength: 20 }, 'simulatedsimulatedsi'],
  ['a date', { type: 'string', format: 'date' }, '2001-01-01'],
  ['an array of two', { type: 'array', items: { type: 'boolean' }, minItems: 2 }, [true, true]],
  ['an empty array', { type: 'array', items: { type: 'string' }, maxItems: 0 }, []],
  ['a tuple', { prefixItems: [{ const: 1 }, { const: 2 }] }, [1, 2]],
  [
    'different items',
    { type: 'array', items: { enum: [1, 2, 3] }, minItems: 3, uniqueItems: true },
    [1, 2, 3],
  ],
  ['a reference', { $ref: '#/$defs/a~1b', $defs: { 'a/b': { const: 'x' } } }, 'x'],
  [
    'allOf',
    { allOf: [{ properties: { a: { const: 1 } } }, { properties: { b: { const: 2 } } }] },
    { a: 1, b: 2 },
  ],
  [
    'an unlisted required name',
    { type: 'object', required: ['a'], additionalProperties: { const: 1 } },
    { a: 1 },
  ],
  [
    'named properties enough',
    { type: 'object', minProperties: 1, additionalProperties: { const: 1 } },
    { simulated_1: 1 },
  ],
];

for (const [what, schema, expected] of CASES) {
  test(`${what} is met`, () => assert.deepEqual(instanceOf(schema), expected));
}

test('a property named __proto__ is a property', () => {
  const schema = JSON.parse(
    '{"type":"object","properties":{"__proto__":{"const":1}},"required":["__proto__"]}',
  );
  assert.equal(JSON.stringify(instanceOf(schema)), '{"__proto__":1}');
});

test('a recursive schema ends where it may', () => {
  const node = {
    type: 'object',
    properties: { value: { const: 1 }, next: { anyOf: [{ $ref: '#/$defs/node' }, { type: 'null' }] } },
    required: ['value', 'next'],
    additionalProperties: false,
  };
  let depth = 0;
  let at = instanceOf({ $ref: '#/$defs/node', $defs: { node } }) as { next: unknown } | null;
  for (; at; at = at.next as typeof at) depth += 1;
  assert.ok(depth > 0 && depth < 20);
});

const IMPOSSIBLE: readonly (readonly [string, Schema])[] = [
  ['a reference to itself', { $ref: '#' }],
  ['a reference to nothing', { $ref: '#/$defs/none' }],
  ['a reference to another document', { $ref: 'https://example.org/schema' }],
  ['endless required nesting', { type: 'object', properties: { a: { $ref: '#' } }, required: ['a'] }],
  ['bounds that cross', { type: 'integer', minimum: 5, maximum: 4 }],
  ['a string of a gigabyte', { type: 'string', minLength: 1e9 }],
  ['an array of a billion', { type: 'array', items: { type: 'null' }, minItems: 1e9 }],
  ['an unknown type', { type: 'any' }],
];

for (const [what, schema] of IMPOSSIBLE) {
  test(`${what} is not met, in bounded work`, () => assert.equal(instanceOf(schema), undefined));
}

const leaf: fc.Arbitrary<z.ZodType> = fc.oneof(
  fc.constantFrom<z.ZodType>(
    z.boolean(),
    z.null(),
    z.literal('x'),
    z.enum(['a', 'b']),
    z.iso.date(),
    z.uuid(),
  ),
  fc.tuple(fc.nat(30), fc.nat(30)).map(([least, more]) =>
    z
      .string()
      .min(least)
      .max(least + more),
  ),
  fc.tuple(fc.integer({ min: -50, max: 50 }), fc.nat(50)).map(([least, more]) =>
    z
      .int()
      .min(least)
      .max(least + more),
  ),
  fc.tuple(fc.integer({ min: -50, max: 50 }), fc.nat(50)).map(([least, more]) =>
    z
      .number()
      .gt(least)
      .lt(least + more + 1),
  ),
);

const { schema } = fc.letrec<{ schema: z.ZodType }>((tie) => ({
  schema: fc.oneof(
    { maxDepth: 4, withCrossShrink: true },
    leaf,
    fc.dictionary(fc.constantFrom('a', 'b', 'c'), tie('schema')).map((shape) => z.strictObject(shape)),
    fc.tuple(tie('schema'), fc.nat(3)).map(([item, least]) => z.array(item).min(least)),
    fc.array(tie('schema'), { minLength: 1, maxLength: 3 }).map((options) => z.union(options as [z.ZodType])),
    tie('schema').map((inner) => inner.nullable()),
  ),
}));

test('the instance of any schema in common use is valid under it', () => {
  fc.assert(
    fc.property(schema, (rules) => {
      const instance = instanceOf(z.toJSONSchema(rules) as Schema);
      assert.ok(rules.safeParse(instance).success, JSON.stringify(instance));
    }),
  );
});
