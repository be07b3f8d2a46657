import { Problem, type ProblemCode, type ProblemDetail } from '../../domain/problem.ts';

/** A host's answer other than 200: its status, its parsed body (or nothing), and how long it asks us to wait. */
export interface Refusal {
  readonly status: number;
  readonly body?: unknown;
  readonly waitMs?: number | undefined;
}

/**
 * What a host's refusal means to our caller. Nothing of the body goes along: only names from the closed lists below.
 * A 400 of the content filter is `content_filter` with the categories that struck as reasons.
 */
export function problemOfRefusal(refusal: Refusal): Problem {
  const error = errorOf(refusal.body);
  if (refusal.status === 400 && isContentFilter(error)) return filterProblem(error);
  const code = CODE_OF_STATUS[refusal.status] ?? 'upstream_error';
  return new Problem(code, {
    ...detailOf(code, error, refusal.waitMs),
    cause: causeOf(refusal.status, error),
  });
}

/** The same for an error that comes inside an answer already accepted: a stream's error frame, or a 200 with an error. */
export function problemOfErrorBody(body: unknown): Problem {
  const error = errorOf(body);
  if (isContentFilter(error)) return filterProblem(error);
  const code = CODE_OF_ERROR.get(errorCode(error)) ?? 'upstream_error';
  return new Problem(code, { ...detailOf(code, error), cause: causeOf(200, error) });
}

/** The same for a transport that broke before or within an answer. Only the error's code is kept. */
export function problemOfBreak(error: unknown): Problem {
  const code = error instanceof Error && 'code' in error ? String(error.code) : 'unknown';
  const cause = new Error(`the exchange with the host broke (${code})`);
  return new Problem(TIMEOUTS.has(code) ? 'upstream_timeout' : 'upstream_error', { cause });
}

/** True when the host itself failed, as opposed to refusing this one request; what the circuit breaker counts. */
export function isHostFailure(thrown: unknown): boolean {
  return (
    thrown instanceof Problem && (thrown.code === 'upstream_error' || thrown.code === 'upstream_timeout')
  );
}

const TIMEOUTS: ReadonlySet<string> = new Set([
  'ETIMEDOUT',
  'UND_ERR_BODY_TIMEOUT',
  'UND_ERR_CONNECT_TIMEOUT',
  'UND_ERR_HEADERS_TIMEOUT',
]);

const CODE_OF_STATUS: Readonly<Record<number, ProblemCode>> = {
  400: 'upstream_rejected',
  401: 'upstream_auth_error',
  403: 'upstream_auth_error',
  404: 'upstream_misconfigured',
  408: 'upstream_timeout',
  413: 'upstream_rejected',
  422: 'upstream_rejected',
  429: 'upstream_busy',
};

const CODE_OF_ERROR: ReadonlyMap<string, ProblemCode> = new Map([
  ['429', 'upstream_busy'],
  ['rate_limit_exceeded', 'upstream_busy'],
  ['too_many_requests', 'upstream_busy'],
  ['408', 'upstream_timeout'],
  ['timeout', 'upstream_timeout'],
  ['401', 'upstream_auth_error'],
]);

/** Codes of a host in trouble; for our log only. */
const HOST_CODES: ReadonlySet<string> = new Set(['DeploymentNotFound', 'insufficient_quota', 'server_error']);

/** The host's own codes that help a caller to mend the request; any other code is dropped. */
const TELLING_CODES: ReadonlySet<string> = new Set([
  'context_length_exceeded',
  'invalid_type',
  'invalid_value',
  'missing_required_parameter',
  'string_above_max_length',
  'unsupported_parameter',
  'unsupported_value',
]);

const PARAMS: ReadonlySet<string> = new Set([
  'dimensions',
  'encoding_format',
  'frequency_penalty',
  'input',
  'max_completion_tokens',
  'messages',
  'n',
  'parallel_tool_calls',
  'presence_penalty',
  'reasoning_effort',
  'response_format',
  'seed',
  'stop',
  'temperature',
  'tool_choice',
  'tools',
  'top_p',
  'verbosity',
]);

const FILTER_CATEGORIES: ReadonlySet<string> = new Set([
  'custom_blocklists',
  'hate',
  'indirect_attack',
  'jailbreak',
  'personally_identifiable_information',
  'profanity',
  'protected_material_code',
  'protected_material_text',
  'self_harm',
  'sexual',
  'violence',
]);

type Fields = Readonly<Record<string, unknown>>;

function fieldsOf(value: unknown): Fields {
  return typeof value === 'object' && value !== null ? (value as Fields) : {};
}

function errorOf(body: unknown): Fields {
  return fieldsOf(fieldsOf(body).error);
}

/** Azure's older deployments path writes `innererror`, its v1 path `inner_error`. */
function innerOf(error: Fields): Fields {
  return fieldsOf(error.inner_error ?? error.innererror);
}

function errorCode(error: Fields): string {
  const code = error.code ?? error.type;
  return typeof code === 'string' || typeof code === 'number' ? String(code).slice(0, 64) : '';
}

function isContentFilter(error: Fields): boolean {
  return errorCode(error) === 'content_filter' || innerOf(error).code === 'ResponsibleAIPolicyViolation';
}

function filterProblem(error: Fields): Problem {
  const inner = innerOf(error);
  const results = fieldsOf(inner.content_filter_result ?? inner.content_filter_results);
  const struck = Object.keys(results).filter(
    (name) => FILTER_CATEGORIES.has(name) && fieldsOf(results[name]).filtered === true,
  );
  return new Problem('content_filter', { reasons: struck.sort() });
}

function detailOf(code: ProblemCode, error: Fields, waitMs?: number): ProblemDetail {
  if (code === 'upstream_rejected') return rejectedDetail(error);
  if (code === 'upstream_busy') return { retryAfterMs: boundedWait(waitMs ?? BUSY_WAIT_MS) };
  return code === 'upstream_error' && waitMs !== undefined ? { retryAfterMs: boundedWait(waitMs) } : {};
}

function rejectedDetail(error: Fields): ProblemDetail {
  const param = paramOf(error.param);
  const code = errorCode(error);
  return { ...(param && { param }), ...(TELLING_CODES.has(code) && { reasons: [code] }) };
}

/** Only the parameter's top-level name: what follows it may be the caller's own words. */
function paramOf(param: unknown): string | undefined {
  if (typeof param !== 'string') return undefined;
  const head = param.slice(0, 64).split(/[.[]/, 1)[0] ?? '';
  return PARAMS.has(head) ? head : undefined;
}

/** For our own log: the status, and the code when it is one we know. */
function causeOf(status: number, error: Fields): Error {
  const code = errorCode(error);
  const known = TELLING_CODES.has(code) || CODE_OF_ERROR.has(code) || HOST_CODES.has(code);
  return new Error(`the host answered ${status}${known ? ` (${code})` : ''}`);
}

const BUSY_WAIT_MS = 2_000;
const WAIT_MS_MIN = 1_000;
const WAIT_MS_MAX = 30_000;

function boundedWait(waitMs: number): number {
  return Math.min(WAIT_MS_MAX, Math.max(WAIT_MS_MIN, Math.ceil(waitMs)));
}
