import type { oauthError } from '../contract/oauth.ts';
import type { Output } from '../contract/parse.ts';
import { PROBLEMS, type Problem } from '../domain/problem.ts';
import type { Entry } from '../pipeline/entry.ts';

/** A problem in the words of OAuth (RFC 6749 section 5.2, RFC 8707, RFC 9449). */
export function oauthErrorOf(entry: Entry, problem: Problem): Output<typeof oauthError> {
  const said = BETTER_SAID[problem.code] ?? PROBLEMS[problem.code].message;
  const reasons = problem.reasons.length === 0 ? '' : ` (${problem.reasons.join(', ')})`;
  return {
    error: errorOf(problem),
    error_description: `${said}${reasons}`,
    request_id: entry.visibleId,
  };
}

/** These are worded for JSON, or for keys. */
const BETTER_SAID: Readonly<Record<string, string>> = {
  unsupported_media_type: 'Send application/x-www-form-urlencoded in UTF-8, uncompressed.',
  multiple_credentials: 'A client authenticates in one way only.',
};

function errorOf({ code, param, status }: Problem): string {
  if (code === 'invalid_client') return code;
  if (code === 'context_invalid') return 'invalid_grant';
  if (status === 503) return 'temporarily_unavailable';
  if (status >= 500) return 'server_error';
  if (status === 429) return code;
  return BY_PARAMETER[param ?? ''] ?? 'invalid_request';
}

const BY_PARAMETER: Readonly<Record<string, string>> = {
  grant_type: 'unsupported_grant_type',
  scope: 'invalid_scope',
  resource: 'invalid_target',
  dpop: 'invalid_dpop_proof',
};
