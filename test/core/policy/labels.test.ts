import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Decision } from '../../../gateway/core/policy/decision.ts';
import { boundByLabels, type Labelled } from '../../../gateway/core/policy/labels.ts';

const ALLOW: Decision = {
  allowed: true,
  matchedRules: ['covered-sensitive'],
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
const partner: Labelled = { labels: [], consents: [], tier: 'covered-entity' };

const ROWS: readonly (readonly [string, Partial<Labelled>, readonly string[]])[] = [
  ['no label', {}, []],
  ['an ordinary label', { labels: ['N', 'HIV'] }, []],
  ['psychotherapy notes', { labels: ['PSYTHPN'] }, ['psychotherapy_notes_not_shared']],
  [
    'psychotherapy notes with consent',
    { labels: ['PSYTHPN'], consents: ['Consent/1'] },
    ['psychotherapy_notes_not_shared'],
  ],
  ["the owner's psychotherapy notes", { labels: ['PSYTHPN'], tier: 'owner' }, []],
  ['substance use', { labels: ['R', 'SUD'] }, ['consent_required']],
  ["the owner's records of substance use", { labels: ['OPIOIDUD'], tier: 'owner' }, ['consent_required']],
  ['substance use with consent', { labels: ['SUD'], consents: ['Consent/1'] }, []],
  ['very restricted', { labels: ['V', 'ETH'] }, ['consent_required', 'very_restricted']],
];

for (const [name, said, reasons] of ROWS) {
  test(`what the table allows is bound by its labels: ${name}`, () => {
    const decision = boundByLabels(ALLOW, { ...partner, ...said });
    assert.deepEqual([decision.allowed, decision.reasons], [reasons.length === 0, reasons]);
    assert.equal(decision.matchedRules.length, 1 + reasons.length);
  });
}

test('a label allows nothing that the table denies, and adds its reason', () => {
  const denied = { ...ALLOW, allowed: false, reasons: ['no_matching_rule'] };
  assert.equal(boundByLabels(denied, partner), denied);
  const both = boundByLabels(denied, { ...partner, labels: ['SUD'] });
  assert.deepEqual([both.allowed, both.reasons], [false, ['no_matching_rule', 'consent_required']]);
});
