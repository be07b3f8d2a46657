import assert from 'node:assert/strict';
import { test } from 'node:test';
import { outcomeOf } from '../../../gateway/core/ledger/outcome.ts';
import { PROBLEMS, Problem, type ProblemCode } from '../../../gateway/domain/problem.ts';

const EXPECTED: { readonly [Code in ProblemCode]?: string } = {
  invalid_json: 'client_error',
  model_not_found: 'client_error',
  body_too_large: 'client_error',
  invalid_api_key: 'denied',
  policy_denied: 'denied',
  tenant_suspended: 'denied',
  rate_limit_exceeded: 'denied',
  concurrency_exceeded: 'denied',
  upstream_busy: 'upstream_error',
  upstream_error: 'upstream_error',
  upstream_auth_error: 'upstream_error',
  upstream_misconfigured: 'upstream_error',
  upstream_rejected: 'upstream_error',
  content_filter: 'upstream_error',
  upstream_timeout: 'timeout',
  request_timeout: 'timeout',
  audit_unavailable: 'audit_unavailable',
  redaction_unavailable: 'failed',
  service_unavailable: 'failed',
  internal_error: 'failed',
};

for (const [code, outcome] of Object.entries(EXPECTED)) {
  test(`${code} is written down as ${outcome}`, () => {
    assert.equal(outcomeOf(new Problem(code as ProblemCode)), outcome);
  });
}

test('no problem is written down as a success', () => {
  for (const code of Object.keys(PROBLEMS))
    assert.notEqual(outcomeOf(new Problem(code as ProblemCode)), 'success');
});
