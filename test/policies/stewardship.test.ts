import assert from 'node:assert/strict';
import { before, test } from 'node:test';
import type { Decision, PolicyRequest } from '../../gateway/core/policy/decision.ts';
import {
  DATA_CLASSES,
  MODEL_ACTIONS,
  PURPOSES,
  REGIONS,
  STAGES,
  TIERS,
} from '../../gateway/domain/vocabulary.ts';
import { shippedDecisionPoint } from './shipped-policy.ts';

interface Cell {
  readonly request: PolicyRequest;
  readonly decision: Decision;
}

let cells: readonly Cell[] = [];
let allowed: readonly Cell[] = [];

before(() => {
  const point = shippedDecisionPoint();
  cells = everyRequest().map((request) => ({ request, decision: point.decide(request) }));
  allowed = cells.filter(({ decision }) => decision.allowed);
});

test('over every cell: marketing, break-the-glass, suspended and retired versions are never allowed', () => {
  const never = allowed.filter(
    ({ request: { purpose, stage } }) =>
      purpose === 'HMARKT' || purpose === 'BTG' || stage === 'suspended' || stage === 'retired',
  );
  assert.deepEqual(never, []);
});

test('over every cell: treatment without a named human is never allowed', () => {
  const alone = allowed.filter(
    ({ request: { purpose, principal } }) => /^E?TREAT$/.test(purpose) && principal.startsWith('a:'),
  );
  assert.deepEqual(alone, []);
});

test('over every cell: only the owner meets an internal version', () => {
  const outside = allowed.filter(({ request }) => request.stage === 'internal' && request.tier !== 'owner');
  assert.deepEqual(outside, []);
});

test('over every cell: the one pilot outside the owner is mayo-cr-2 for covered entities', () => {
  const pilots = allowed.filter(({ request }) => request.stage === 'pilot' && request.tier !== 'owner');
  assert.ok(pilots.length > 0);
  for (const { request, decision } of pilots) {
    assert.equal(request.tier, 'covered-entity');
    assert.equal(request.model, 'mayo-cr-2');
    assert.equal(decision.obligations.humanReviewPercent, 100);
    assert.equal(decision.obligations.maxTokens, 1024);
  }
});

test('over every cell: identifiers come back unredacted only to a person at the owner, on an internal version, all reviewed', () => {
  const plain = allowed.filter(({ decision }) => decision.obligations.redact === 'none');
  assert.ok(plain.length > 0);
  for (const { request, decision } of plain) {
    assert.deepEqual([request.tier, request.stage, request.dataClass], ['owner', 'internal', 'phi']);
    assert.ok(request.principal.startsWith('u:'));
    assert.equal(decision.obligations.humanReviewPercent, 100);
  }
});

test('over every cell: identifiers reach the model only in data declared as phi', () => {
  const passed = allowed.filter(({ decision }) => decision.obligations.deidentify === 'pass');
  assert.ok(passed.length > 0);
  assert.deepEqual([...new Set(passed.map(({ request }) => request.dataClass))], ['phi']);
});

test('over every cell: pictures reach a model only where text with identifiers does too, at the owner, before a person', () => {
  const shown = allowed.filter(({ decision }) => decision.obligations.images === 'allow');
  assert.ok(shown.length > 0);
  for (const { request, decision } of shown) {
    assert.deepEqual([request.tier, request.stage, request.dataClass], ['owner', 'internal', 'phi']);
    assert.ok(request.principal.startsWith('u:'));
    const { deidentify, humanReviewPercent, retainDays } = decision.obligations;
    assert.deepEqual([deidentify, humanReviewPercent, retainDays], ['pass', 100, 0]);
  }
});

test('over every cell: sensitive data are always reviewed, kept nowhere and stripped both ways', () => {
  const sensitive = allowed.filter(({ request }) => request.dataClass === 'sensitive');
  assert.ok(sensitive.length > 0);
  for (const { decision } of sensitive) {
    const { humanReviewPercent, retainDays, redact, deidentify } = decision.obligations;
    assert.deepEqual(
      [humanReviewPercent, retainDays, redact, deidentify],
      [100, 0, 'safe-harbor', 'deidentify'],
    );
  }
});

test('over every cell: phi is kept nowhere and stays in the United States', () => {
  for (const { request, decision } of allowed.filter(({ request }) => request.dataClass === 'phi')) {
    assert.equal(request.region, 'US');
    assert.equal(decision.obligations.retainDays, 0);
  }
});

test('over every cell: research touches de-identified data alone and refuses identifiers in a prompt', () => {
  const research = allowed.filter(({ request }) => request.tier === 'research');
  assert.ok(research.length > 0);
  for (const { request, decision } of research) {
    assert.deepEqual([request.purpose, request.dataClass], ['HRESCH', 'deidentified']);
    assert.equal(decision.obligations.deidentify, 'reject');
  }
});

test('over every cell: every emergency that is allowed outside the owner is told to the privacy desk', () => {
  const emergencies = allowed.filter(
    ({ request }) => request.purpose === 'ETREAT' && request.tier !== 'owner',
  );
  assert.ok(emergencies.length > 0);
  for (const { decision } of emergencies) assert.deepEqual(decision.obligations.alerts, ['privacy']);
});

test('over every cell: an allow caps its answer and a deny permits nothing and says why', () => {
  for (const { decision } of allowed) assert.ok((decision.obligations.maxTokens ?? Infinity) <= 8192);
  for (const { decision } of cells.filter((cell) => !cell.decision.allowed)) {
    assert.ok(decision.reasons.length > 0);
    assert.equal(decision.obligations.maxTokens, 0);
  }
});

test('a stream is allowed exactly where a whole answer is', () => {
  const verdicts = new Map(cells.map(({ request, decision }) => [JSON.stringify(request), decision.allowed]));
  for (const { request, decision } of cells) {
    const twin = JSON.stringify({ ...request, action: request.action === 'infer' ? 'stream' : 'infer' });
    assert.equal(verdicts.get(twin), decision.allowed);
  }
});

function everyRequest(): readonly PolicyRequest[] {
  return TIERS.flatMap((tier) =>
    PURPOSES.flatMap((purpose) =>
      DATA_CLASSES.flatMap((dataClass) =>
        STAGES.flatMap((stage) =>
          MODEL_ACTIONS.flatMap((action) =>
            REGIONS.flatMap((region) =>
              ['a:cli_1', 'u:dr-fictional'].flatMap((principal) =>
                ['mayo-cr-1', 'mayo-cr-2'].map((model) => ({
                  tenant: 'somewhere',
                  tier,
                  principal,
                  purpose,
                  dataClass,
                  model,
                  stage,
                  action,
                  region,
                })),
              ),
            ),
          ),
        ),
      ),
    ),
  );
}
