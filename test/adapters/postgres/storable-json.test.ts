import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { storableJson } from '../../../gateway/adapters/postgres/ledger/storable-json.ts';

const anyText = fc.string({
  unit: fc.constantFrom('\0', '\ud83d', '\ude00', '\\', 'u', '0', 'd', '"', 'a', '\u{1f600}'),
});

test('whatever the strings hold, the JSON has no NUL and no lone surrogate', () => {
  fc.assert(
    fc.property(fc.dictionary(anyText, fc.oneof(anyText, fc.array(anyText))), (value) => {
      const strings = allStrings(JSON.parse(storableJson(value)));
      assert.ok(strings.every((text) => text.isWellFormed() && !text.includes('\0')));
    }),
  );
});

test('what can be stored as it is stays as it is', () => {
  fc.assert(
    fc.property(fc.jsonValue({ noUnicodeString: false }), (value) => {
      const strings = allStrings(value);
      fc.pre(strings.every((text) => text.isWellFormed() && !text.includes('\0')));
      assert.equal(storableJson(value), JSON.stringify(value));
    }),
  );
});

function allStrings(value: unknown): string[] {
  if (typeof value === 'string') return [value];
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([name, member]) => [name, ...allStrings(member)]);
}
