import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseRules } from '../../../gateway/core/policy/parse-rules.ts';
import { indexRules } from '../../../gateway/core/policy/rule-index.ts';
import { readSlug } from '../../../gateway/domain/ids.ts';
import { PLAIN_ALLOW, table } from '../../policies/shipped-policy.ts';

const index = indexRules(
  parseRules(
    table(
      rule('by-name', 'tenant:harbor'),
      rule('by-tier', 'tier:payer'),
      rule('both', 'tenant:harbor|tier:payer'),
      rule('any', '*'),
      rule('another', 'tenant:riverbend|tenant:harbor-two'),
      rule('owner-only', 'tier:owner'),
    ),
  ),
);

test('a tenant has the rules that name it, its tier or everyone, once each, in file order', () => {
  assert.deepEqual(idsFor('harbor'), ['by-name', 'by-tier', 'both', 'any']);
  assert.deepEqual(idsFor('summit'), ['by-tier', 'both', 'any']);
  assert.deepEqual(idsFor('riverbend'), ['by-tier', 'both', 'any', 'another']);
});

test('only tenants that a rule names have rules of their own', () => {
  assert.deepEqual(
    ['harbor', 'riverbend', 'summit'].map((name) => index.names(`tenant:${slug(name)}`)),
    [true, true, false],
  );
});

function idsFor(name: string): readonly string[] {
  return index.concerning({ tenant: `tenant:${slug(name)}`, tier: 'tier:payer' }).map(({ id }) => id);
}

function slug(name: string) {
  return readSlug(name) ?? assert.fail();
}

function rule(id: string, tenant: string): string {
  return PLAIN_ALLOW.replace('plain', id).replace('tier:payer', tenant);
}
