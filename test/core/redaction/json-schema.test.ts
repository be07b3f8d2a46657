import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { staysInstance } from '../../../gateway/core/redaction/json-schema.ts';
import { repeatsKey } from '../../../gateway/core/redaction/json-values.ts';

interface Row {
  readonly law: string;
  readonly schema: unknown;
  readonly value: unknown;
  readonly stays: boolean;
  readonly fitted?: boolean;
}

const object = (properties: object, more: object = {}) => ({ type: 'object', properties, ...more });
const text = { type: 'string' };

const ROWS: readonly Row[] = [
  { law: 'a token is a text', schema: object({ name: text }), value: { name: '[NAME]' }, stays: true },
  {
    law: 'a token is in no enumeration',
    schema: { enum: ['Ann Quill', 'none'] },
    value: '[NAME]',
    stays: false,
  },
  { law: 'a token is not the constant', schema: { const: 'Ann Quill' }, value: '[NAME]', stays: false },
  { law: 'a token may be too long', schema: { ...text, maxLength: 5 }, value: '[NAME]', stays: false },
  { law: 'a token may be too short', schema: { ...text, minLength: 7 }, value: '[NAME]', stays: false },
  {
    law: 'a pattern of a touched text cannot be told',
    schema: { ...text, pattern: '^(a+)+$' },
    value: '[NAME]',
    stays: false,
  },
  {
    law: 'a format of a touched text cannot be told',
    schema: { ...text, format: 'email' },
    value: '[EMAIL]',
    stays: false,
  },
  {
    law: 'a pattern of an untouched text still fits beside a touched one',
    schema: object({ code: { ...text, pattern: '^(a+)+$' }, name: text }),
    value: { code: `${'a'.repeat(64)}!`, name: '[NAME]' },
    stays: true,
  },
  { law: 'a zero is a number', schema: { type: 'integer' }, value: 0, stays: true },
  { law: 'a zero with a sign is a zero', schema: { const: 0 }, value: -0, stays: true },
  { law: 'a zero may be below the least', schema: { type: 'integer', minimum: 1 }, value: 0, stays: false },
  { law: 'a zero may be at an open bound', schema: { exclusiveMinimum: 0 }, value: 0, stays: false },
  { law: 'a zero is a multiple of everything', schema: { multipleOf: 7 }, value: 0, stays: true },
  { law: 'a zero may be above the most', schema: { maximum: -1 }, value: 0, stays: false },
  {
    law: 'a required key may be gone',
    schema: object({}, { required: ['Ann Quill'] }),
    value: { '[NAME]': 1 },
    stays: false,
  },
  {
    law: 'a replaced key may be one too many',
    schema: object({ dose: {} }, { additionalProperties: false }),
    value: { dose: 1, '[NAME]': 2 },
    stays: false,
  },
  {
    law: 'a replaced key falls under the other members',
    schema: { additionalProperties: text },
    value: { '[NAME]': 'x' },
    stays: true,
  },
  {
    law: 'keys that became one may be too few',
    schema: { minProperties: 2 },
    value: { '[NAME]': 1 },
    stays: false,
  },
  {
    law: 'the names of keys cannot be told once one was replaced',
    schema: { propertyNames: { pattern: 'x' } },
    value: { '[NAME]': 1 },
    stays: false,
  },
  {
    law: 'members whose key only a pattern tells fit while they are untouched',
    schema: { patternProperties: { '^(a+)+$': { pattern: 'x' } }, required: ['b'] },
    value: { a: 'x', b: 'y' },
    stays: true,
  },
  {
    law: 'a touched member whose key only a pattern tells cannot be told',
    schema: { patternProperties: { '^(a+)+$': text } },
    value: { a: '[NAME]' },
    stays: false,
  },
  {
    law: 'items that became one are not unique',
    schema: { uniqueItems: true },
    value: ['[NAME]', '[NAME]'],
    stays: false,
  },
  {
    law: 'items are held one by one',
    schema: { items: { ...text, maxLength: 6 } },
    value: ['[NAME]', '[EMAIL]'],
    stays: false,
  },
  {
    law: 'a tuple of the older drafts',
    schema: { items: [text, { const: 1 }], additionalItems: false },
    value: ['[NAME]', 1],
    stays: true,
  },
  {
    law: 'a tuple of the newer drafts',
    schema: { prefixItems: [text], items: { enum: ['a'] } },
    value: ['[NAME]', '[NAME]'],
    stays: false,
  },
  {
    law: 'what must be contained may be gone',
    schema: { contains: { const: 'Ann Quill' } },
    value: ['[NAME]'],
    stays: false,
  },
  {
    law: 'what is contained is counted',
    schema: { contains: text, maxContains: 1 },
    value: ['[NAME]', 'b'],
    stays: false,
  },
  {
    law: 'an optional text with a pattern, left alone',
    schema: object({ id: { anyOf: [{ ...text, pattern: 'x' }, { type: 'null' }] }, name: text }),
    value: { id: 'x', name: '[NAME]' },
    stays: true,
  },
  {
    law: 'the only alternative of its type is the one that fitted',
    schema: { anyOf: [object({ id: { pattern: 'x' }, name: text }), { type: 'null' }] },
    value: { id: 'x', name: '[NAME]' },
    stays: true,
  },
  {
    law: 'of several alternatives with patterns none can be told',
    schema: { anyOf: [object({ id: { pattern: 'x' } }), object({ id: { pattern: 'y' } })] },
    value: { id: 'x', name: '[NAME]' },
    stays: false,
  },
  {
    law: 'one of several alternatives',
    schema: { anyOf: [{ const: 'a' }, { ...text, maxLength: 6 }] },
    value: '[NAME]',
    stays: true,
  },
  {
    law: 'exactly one, and it is two',
    schema: { oneOf: [text, { ...text, maxLength: 6 }] },
    value: '[NAME]',
    stays: false,
  },
  { law: 'all of several', schema: { allOf: [text, { maxLength: 5 }] }, value: '[NAME]', stays: false },
  { law: 'not', schema: { not: { ...text, maxLength: 6 } }, value: '[NAME]', stays: false },
  {
    law: 'a condition that is met',
    schema: JSON.parse('{"if":{"maxLength":6},"then":{"enum":["a"]}}'),
    value: '[NAME]',
    stays: false,
  },
  {
    law: 'a condition that is not met',
    schema: JSON.parse('{"if":{"maxLength":5},"then":false,"else":true}'),
    value: '[NAME]',
    stays: true,
  },
  {
    law: 'a local reference, and one within it',
    schema: { $ref: '#/$defs/a~1b', $defs: { 'a/b': { $ref: '#/$defs/c' }, c: { maxLength: 5 } } },
    value: '[NAME]',
    stays: false,
  },
  {
    law: 'a recursive schema',
    schema: object({ next: { $ref: '#' }, name: { maxLength: 6 } }),
    value: { next: { name: '[NAME]' }, name: '[NAME]' },
    stays: true,
  },
  { law: 'a reference to itself alone ends', schema: { $ref: '#' }, value: '[NAME]', stays: false },
  {
    law: 'a reference that leaves the document is not followed',
    schema: { $ref: 'https://schemas.example/name.json' },
    value: '[NAME]',
    stays: false,
  },
  { law: 'a reference to nothing', schema: { $ref: '#/$defs/none' }, value: '[NAME]', stays: false },
  {
    law: 'an unknown keyword cannot be told',
    schema: { unevaluatedProperties: false },
    value: { name: '[NAME]' },
    stays: false,
  },
  {
    law: 'an unknown keyword of an untouched value still fits',
    schema: { unevaluatedProperties: false },
    value: { name: 'x' },
    stays: true,
  },
  {
    law: 'nothing is taken for fitted that answered to another schema',
    schema: { pattern: 'x' },
    value: 'x',
    fitted: false,
    stays: false,
  },
  {
    law: 'what a dependent key asks for may be gone',
    schema: { dependentRequired: { a: ['Ann Quill'] } },
    value: { a: 1, '[NAME]': 2 },
    stays: false,
  },
  {
    law: 'titles and examples ask nothing',
    schema: { title: 'x', description: 'y', examples: [1], default: 2 },
    value: '[NAME]',
    stays: true,
  },
  { law: 'true admits all', schema: true, value: '[NAME]', stays: true },
  { law: 'false admits nothing', schema: false, value: '[NAME]', stays: false },
];

for (const { law, schema, value, stays, fitted = true } of ROWS) {
  test(`${law}: ${stays ? 'stays an instance' : 'does not stay one'}`, () => {
    assert.equal(staysInstance({ value, schema, fitted }), stays);
  });
}

test('a schema that branches without end is given up, not followed', () => {
  const both = { anyOf: [{ $ref: '#' }, { $ref: '#' }] };
  assert.equal(staysInstance({ value: '[NAME]', schema: both, fitted: true }), false);
  const wide = { enum: Array.from({ length: 200_000 }, (_, at) => at) };
  assert.equal(staysInstance({ value: '[NAME]', schema: wide, fitted: true }), false);
});

test('two keys that became one token are a repeated key, and what only looks like a key is none', () => {
  const repeats = (json: string) => repeatsKey(json, JSON.parse(json));
  assert.ok(repeats('{"[NAME]":1,"[NAME]":2}'));
  assert.ok(repeats('[{"a":{"b":1, "b" : 2}}]'));
  assert.ok(repeats('{"a":1,"\\u0061":2}'));
  for (const json of [
    '{"a":"\\"b\\":1","c":["x",":"]}',
    '[]',
    '"a:b"',
    '{"__proto__":1,"a":{"a":1}}',
    '{"a\\\\":1}',
  ])
    assert.ok(!repeats(json), json);
});

test('a text has as many keys as its value, whatever JSON it is', () => {
  fc.assert(
    fc.property(fc.jsonValue(), fc.constantFrom(0, 2), (value, indent) => {
      assert.ok(!repeatsKey(JSON.stringify(value, null, indent), value));
    }),
    { numRuns: 300 },
  );
});
