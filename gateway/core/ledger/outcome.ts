import type { Problem, ProblemCode } from '../../domain/problem.ts';
import type { AuditOutcome } from '../../domain/vocabulary.ts';

const BY_CODE: { readonly [Code in ProblemCode]?: AuditOutcome } = {
  audit_unavailable: 'audit_unavailable',
  upstream_timeout: 'timeout',
  request_timeout: 'timeout',
  upstream_error: 'upstream_error',
  upstream_auth_error: 'upstream_error',
  upstream_misconfigured: 'upstream_error',
  upstream_busy: 'upstream_error',
  upstream_rejected: 'upstream_error',
  content_filter: 'upstream_error',
};

/** How the ledger names a request that ended with this problem. */
export function outcomeOf(problem: Problem): AuditOutcome {
  const named = BY_CODE[problem.code];
  if (named !== undefined) return named;
  if (problem.status >= 500) return 'failed';
  return [401, 403, 429].includes(problem.status) ? 'denied' : 'client_error';
}
