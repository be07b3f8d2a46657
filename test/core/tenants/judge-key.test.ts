import assert from 'node:assert/strict';
import { test } from 'node:test';
import { objectionToKey } from '../../../gateway/core/tenants/judge-key.ts';
import type { KnownKey } from '../../../gateway/core/tenants/tenant.ts';
import { at } from '../../../gateway/domain/clock.ts';
import { aClient, aKey, anOperator, aTenant } from '../../adapters/postgres/fixtures.ts';

const NOW = at(1_000_000);
const tenant = aTenant();
const client = aClient(tenant);
const key = aKey({ expiresAt: at(2_000_000) });

const of = (changes: Partial<KnownKey> = {}): KnownKey => ({
  key,
  holder: { kind: 'client', tenant, client },
  allowsAddress: () => true,
  ...changes,
});
const judge = (known: KnownKey) => objectionToKey(known, { now: NOW, address: '192.0.2.1' });
const operator = anOperator();

test('a good key of a good holder is not objected to', () => {
  assert.equal(judge(of()), undefined);
  assert.equal(judge(of({ holder: { kind: 'operator', operator, tenant: null } })), undefined);
});

const OBJECTIONS: readonly (readonly [string, Partial<KnownKey>, string])[] = [
  ['revoked a while ago', { key: { ...key, revokedAt: at(999_999) } }, 'invalid_api_key'],
  ['revoked by a clock that is ahead', { key: { ...key, revokedAt: at(1_900_000) } }, 'invalid_api_key'],
  ['revoked this very moment', { key: { ...key, revokedAt: NOW } }, 'invalid_api_key'],
  ['expired this very moment', { key: { ...key, expiresAt: NOW } }, 'invalid_api_key'],
  ['from a wrong address', { allowsAddress: () => false }, 'ip_not_allowed'],
  [
    'of a suspended tenant',
    { holder: { kind: 'client', tenant: { ...tenant, status: 'suspended' }, client } },
    'tenant_suspended',
  ],
  [
    'of a suspended client',
    { holder: { kind: 'client', tenant, client: { ...client, status: 'suspended' } } },
    'invalid_api_key',
  ],
  [
    'of a suspended operator',
    { holder: { kind: 'operator', operator: { ...operator, status: 'suspended' }, tenant: null } },
    'invalid_api_key',
  ],
  [
    'revoked and from a wrong address',
    { key: { ...key, revokedAt: NOW }, allowsAddress: () => false },
    'invalid_api_key',
  ],
];

for (const [name, changes, code] of OBJECTIONS) {
  test(`a key is objected to: ${name}`, () => {
    assert.equal(judge(of(changes)), code);
  });
}
