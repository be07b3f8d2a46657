import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { PROOFS } from './catalogue-proofs.ts';

const ROOT = join(import.meta.dirname, '..', '..');

/** How many rows each group of the catalogue has. */
const GROUPS = { J: 45, K: 14, H: 28, S: 11, L: 46, T: 27, A: 25 } as const;
const IDS = Object.entries(GROUPS).flatMap(([group, rows]) =>
  Array.from({ length: rows }, (_, at) => group + String(at + 1).padStart(2, '0')),
);

test('each of the 196 rows of the catalogue is listed once, in order', () => {
  assert.equal(IDS.length, 196);
  assert.deepEqual(
    PROOFS.map(([id]) => id),
    IDS,
  );
});

/** Why a row is not proved by what is claimed of it; undefined when it is. */
function objectionTo(id: string, claim: string): string | undefined {
  const [where = '', guarantee] = claim.split(/: (.*)/s);
  if (where === 'later') return guarantee ? undefined : 'does not say why';
  const file = join(ROOT, 'test', `${where}.ts`);
  if (!existsSync(file)) return `${file} is not there`;
  const source = readFileSync(file, 'utf8');
  if (guarantee === undefined)
    return new RegExp(`\\bid: '${id}'|row\\(\\s*'${id}'|\\b${id}: [[{]|\\[\\s*'${id}'`).test(source)
      ? undefined
      : `no row ${id} in ${where}`;
  const part = /^… (.+)/.exec(guarantee)?.[1];
  const spellings = part === undefined ? ["'", '"', '`'].map((quote) => quote + guarantee) : [part];
  const isThere = spellings.some((text) => source.includes(text));
  return isThere ? undefined : `no test "${guarantee}" in ${where}`;
}

test('each test that is named as the proof of a row is there', () => {
  const objections = PROOFS.flatMap(([id, ...claims]) =>
    claims.length === 0 ? [`${id}: nothing is claimed`] : claims.map((claim) => objectionTo(id, claim)),
  ).filter((objection) => objection !== undefined);
  assert.deepEqual(objections, []);
});

test('a claim that does not hold is noticed', () => {
  for (const claim of [
    'attacks/nowhere.test',
    'attacks/keys.test',
    'attacks/keys.test: no such test',
    'later',
  ])
    assert.notEqual(objectionTo('H99', claim), undefined, claim);
});
