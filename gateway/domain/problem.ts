/** Who has to act: the caller, the tenant's administrator, the owner's operators, or the model's host. */
type Blame = 'caller' | 'tenant' | 'operator' | 'upstream';

interface ProblemRow {
  readonly status: number;
  /** The OpenAI error type that SDKs show. */
  readonly type: string;
  readonly blame: Blame;
  /** Whether the same request may succeed later without any change. */
  readonly retry: boolean;
  /** May be read by a stranger: never content, tokens, names or SQL. */
  readonly message: string;
}

const row = (status: number, type: string, blame: Blame, retry: boolean, message: string): ProblemRow => ({
  status,
  type,
  blame,
  retry,
  message,
});

const bad = (message: string) => row(400, 'invalid_request_error', 'caller', false, message);
const unknown = (message: string) => row(401, 'authentication_error', 'caller', false, message);
const forbidden = (message: string) => row(403, 'permission_error', 'tenant', false, message);
const busy = (message: string) => row(429, 'rate_limit_error', 'caller', true, message);
const down = (message: string) => row(503, 'service_unavailable_error', 'operator', true, message);
const upstream = (status: number, message: string) =>
  row(status, 'upstream_error', 'upstream', true, message);

/** Every way to fail. The codes are a contract with users; add, never rename. */
export const PROBLEMS = {
  invalid_request: bad('The request is not valid HTTP.'),
  invalid_json: bad('The body is not valid JSON.'),
  json_too_deep: bad('The body is nested too deeply.'),
  duplicate_key: bad('An object in the body names the same key twice.'),
  invalid_encoding: bad('The body is not valid UTF-8.'),
  unknown_parameter: bad('The request carries a parameter that is not accepted here.'),
  invalid_parameter: bad('A parameter has a value that is not accepted.'),
  multiple_credentials: bad('The request carries two different credentials.'),
  purpose_required: bad('Say the purpose of use in x-stewardgate-purpose; this tenant has no default.'),
  patient_ref_not_opaque: bad(
    'The patient reference must be opaque: it looks like a name, record number or SSN.',
  ),
  context_invalid: bad('The request context is not valid.'),
  undeclared_phi: bad('The prompt holds identifiers that the declared data class does not allow.'),
  remote_url_not_allowed: bad('Remote URLs are not fetched.'),
  content_filter: bad('The content filter refused this request.'),
  upstream_rejected: bad('The model refused the request.'),
  unsupported_api_version: bad('This api-version is not supported.'),

  missing_credentials: unknown(
    'Send an access token or API key as "Authorization: Bearer <…>", or an API key as "api-key: <key>".',
  ),
  invalid_api_key: unknown('The API key is not valid.'),
  invalid_client: unknown('The client could not be authenticated.'),
  invalid_token: unknown('The access token is not valid.'),
  token_expired: unknown('The access token has expired.'),
  unknown_kid: row(
    401,
    'authentication_error',
    'caller',
    true,
    'The key that signed the access token is not known yet.',
  ),
  invalid_dpop_proof: unknown('The DPoP proof is missing, not valid, or was used before.'),

  policy_denied: forbidden('Stewardship policy does not allow this use.'),
  insufficient_scope: forbidden('The credential does not carry the scope or role for this.'),
  tenant_suspended: forbidden('This organisation is suspended.'),
  ip_not_allowed: forbidden('The credential is not valid from this address.'),
  assurance_required: forbidden('The context of this request must be proven more strongly.'),
  budget_exhausted: forbidden('The budget for this period is used up.'),
  tool_not_allowed: forbidden('A tool in the request is not allowed.'),

  model_not_found: row(404, 'invalid_request_error', 'caller', false, 'The model does not exist.'),
  not_found: row(404, 'invalid_request_error', 'caller', false, 'Nothing is here.'),
  method_not_allowed: row(405, 'invalid_request_error', 'caller', false, 'This method is not allowed here.'),
  request_timeout: row(408, 'invalid_request_error', 'caller', true, 'The request took too long to arrive.'),
  version_conflict: row(
    412,
    'invalid_request_error',
    'caller',
    false,
    'The object has changed since it was read.',
  ),
  body_too_large: row(413, 'invalid_request_error', 'caller', false, 'The body is larger than the limit.'),
  unsupported_media_type: row(
    415,
    'invalid_request_error',
    'caller',
    false,
    'Send application/json in UTF-8, uncompressed.',
  ),
  already_exists: row(
    422,
    'invalid_request_error',
    'caller',
    false,
    'An object of that name exists already.',
  ),
  idempotency_mismatch: row(
    422,
    'invalid_request_error',
    'caller',
    false,
    'The key of this request was used before for another one.',
  ),
  duplicate_request: row(
    422,
    'invalid_request_error',
    'caller',
    false,
    'This request was sent before, and its answer cannot be repeated. Ask anew under another key.',
  ),
  policy_invalid: row(422, 'invalid_request_error', 'operator', false, 'The policy set is not valid.'),
  headers_too_large: row(
    431,
    'invalid_request_error',
    'caller',
    false,
    'The headers are larger than the limit.',
  ),

  rate_limit_exceeded: busy('Too many requests or tokens in this minute.'),
  concurrency_exceeded: busy('Too many requests at the same time.'),
  upstream_busy: busy('The model is at capacity.'),

  internal_error: row(500, 'server_error', 'operator', false, 'Something failed here; it has been recorded.'),
  upstream_error: upstream(502, 'The model failed to answer.'),
  upstream_auth_error: upstream(502, 'The gateway could not sign in to the model.'),
  upstream_misconfigured: upstream(502, 'The model is not reachable under its configured deployment.'),
  service_unavailable: down('A part that this request needs is unavailable.'),
  audit_unavailable: down('The audit ledger is unavailable, so nothing is answered.'),
  redaction_unavailable: down('Redaction is unavailable, so nothing is released.'),
  idp_unavailable: down('The keys of the identity provider cannot be read.'),
  model_suspended: down('This model version is suspended.'),
  upstream_timeout: upstream(504, 'The model did not answer in time.'),
} as const satisfies Record<string, ProblemRow>;

export type ProblemCode = keyof typeof PROBLEMS;

export interface ProblemDetail {
  /** The parameter at fault, by its path; a name, never a value. */
  readonly param?: string;
  /** Codes or rule ids that explain the refusal. */
  readonly reasons?: readonly string[];
  /** When to come back, for retryable problems. */
  readonly retryAfterMs?: number;
  readonly cause?: unknown;
}

/** A foreseen failure. Anything else that is thrown is a fault: 500, alarm, no detail outside. */
export class Problem extends Error {
  readonly code: ProblemCode;
  readonly param: string | undefined;
  readonly reasons: readonly string[];
  readonly retryAfterMs: number | undefined;

  constructor(code: ProblemCode, detail: ProblemDetail = {}) {
    super(PROBLEMS[code].message, detail.cause === undefined ? undefined : { cause: detail.cause });
    this.name = 'Problem';
    this.code = code;
    this.param = detail.param;
    this.reasons = detail.reasons ?? [];
    this.retryAfterMs = detail.retryAfterMs;
  }

  get status(): number {
    return PROBLEMS[this.code].status;
  }
}

/** Any thrown value as a Problem; what was not foreseen becomes `internal_error` with the fault as its cause. */
export function asProblem(thrown: unknown): Problem {
  return thrown instanceof Problem ? thrown : new Problem('internal_error', { cause: thrown });
}
