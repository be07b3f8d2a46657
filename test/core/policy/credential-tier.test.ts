import assert from 'node:assert/strict';
import { test } from 'node:test';
import { boundByCredential } from '../../../gateway/core/policy/credential-tier.ts';
import type { Decision } from '../../../gateway/core/policy/decision.ts';
import { DATA_CLASSES, PURPOSES } from '../../../gateway/domain/vocabulary.ts';

const ALLOW: Decision = {
  allowed: true,
  matchedRules: ['owner-sensitive'],
  reasons: [],
  nearestMisses: [],
  obligations: {
    redact: 'safe-harbor',
    deidentify: 'deidentify',
    images: 'deny',
    maxTokens: null,
    retainDays: null,
    humanReviewPercent: 0,
    alerts: [],
  },
  policySet: 'ps_0000000000000000',
};

test('over every purpose and class: an API key loses emergencies and sensitive data, and nothing else', () => {
  for (const purpose of PURPOSES) {
    for (const dataClass of DATA_CLASSES) {
      const { allowed } = boundByCredential(ALLOW, { credentialTier: 3, purpose, dataClass });
      const isTooMuch = purpose === 'BTG' || purpose === 'ETREAT' || dataClass === 'sensitive';
      assert.equal(allowed, !isTooMuch, `${purpose} ${dataClass}`);
    }
  }
});

test('over every purpose and class: a token is judged by the table alone', () => {
  for (const credentialTier of [1, 2] as const)
    for (const purpose of PURPOSES)
      for (const dataClass of DATA_CLASSES)
        assert.equal(boundByCredential(ALLOW, { credentialTier, purpose, dataClass }), ALLOW);
});

test('a credential allows nothing that the table denies, and its own reason comes first', () => {
  const denied = { ...ALLOW, allowed: false, reasons: ['no_matching_rule'] };
  const plain = { credentialTier: 3, purpose: 'TREAT', dataClass: 'phi' } as const;
  assert.equal(boundByCredential(denied, plain), denied);
  const both = boundByCredential(denied, { ...plain, dataClass: 'sensitive' });
  assert.deepEqual(both.reasons, ['credential_too_weak', 'no_matching_rule']);
  assert.ok(both.matchedRules.includes('credential-api-key'));
});
