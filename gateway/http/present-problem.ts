import type { Response } from 'express';
import type { ErrorEnvelope, ProblemDetails } from '../contract/problem.ts';
import { PROBLEMS, type Problem, type ProblemCode } from '../domain/problem.ts';
import { PROOF_ALGS } from '../domain/vocabulary.ts';
import type { Entry } from '../pipeline/entry.ts';
import { oauthErrorOf } from './present-oauth.ts';

export type Plane = 'model' | 'admin' | 'oauth';

/** Answers a problem in the shape of its plane; what was thrown underneath never leaves. */
export function presentProblem(response: Response, entry: Entry, problem: Problem, plane: Plane): void {
  if (response.headersSent) {
    response.destroy();
    return;
  }
  response.status(problem.status);
  setProblemHeaders(response, problem, plane);
  if (plane === 'admin') {
    response.setHeader('content-type', 'application/problem+json');
    response.end(JSON.stringify(detailsOf(entry, problem)));
    return;
  }
  response.setHeader('content-type', 'application/json; charset=utf-8');
  const body = plane === 'oauth' ? oauthErrorOf(entry, problem) : envelopeOf(entry, problem);
  response.end(JSON.stringify(body));
}

/** The OpenAI error envelope, also the payload of the error frame in a stream. */
export function envelopeOf(entry: Entry, problem: Problem): ErrorEnvelope {
  const { message, type } = PROBLEMS[problem.code];
  return {
    error: {
      message,
      type,
      param: problem.param ?? null,
      code: problem.code,
      inner_error: {
        code: problem.code === 'policy_denied' ? 'StewardshipPolicy' : problem.code,
        request_id: entry.visibleId,
        decision_id: entry.decisionId,
        policy_set: entry.policySet,
        reasons: [...problem.reasons],
      },
    },
  };
}

/** RFC 9457 problem details. */
function detailsOf(entry: Entry, problem: Problem): ProblemDetails {
  return {
    type: `urn:stewardgate:problem:${problem.code}`,
    title: PROBLEMS[problem.code].message,
    status: problem.status,
    code: problem.code,
    param: problem.param ?? null,
    request_id: entry.visibleId,
    reasons: [...problem.reasons],
  };
}

function setProblemHeaders(response: Response, problem: Problem, plane: Plane): void {
  // No header can carry what the token endpoint takes, and clients would read the challenge instead of the error.
  if (problem.status === 401 && plane !== 'oauth')
    response.setHeader('www-authenticate', challengesFor(problem));
  if (!PROBLEMS[problem.code].retry) {
    response.setHeader('x-should-retry', 'false');
    return;
  }
  const waitMs = problem.retryAfterMs ?? WAIT_MS[problem.status];
  if (waitMs === undefined) return;
  response.setHeader('retry-after', String(Math.ceil(waitMs / 1_000)));
  response.setHeader('retry-after-ms', String(Math.ceil(waitMs)));
}

/** RFC 6750 section 3 and RFC 9449 section 7.1; what is wrong with a token is said, what is wrong with a key is not. */
function challengesFor({ code }: Problem): readonly string[] {
  const bearer = 'Bearer realm="stewardgate"';
  const error = TOKEN_ERRORS[code];
  if (error === undefined) return [bearer];
  const algs = PROOF_ALGS.join(' ');
  const dpop = `DPoP realm="stewardgate", algs="${algs}", error="${error}"`;
  return error === 'invalid_token' ? [`${bearer}, error="${error}"`, dpop] : [dpop];
}

const TOKEN_ERRORS: Readonly<Partial<Record<ProblemCode, string>>> = {
  invalid_token: 'invalid_token',
  token_expired: 'invalid_token',
  unknown_kid: 'invalid_token',
  invalid_dpop_proof: 'invalid_dpop_proof',
};

/** When to come back where nobody knows better; a model that failed may be asked again at once. */
const WAIT_MS: Readonly<Record<number, number>> = { 429: 1_000, 503: 1_000 };
