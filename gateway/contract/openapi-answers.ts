import { z } from 'zod';
import type { ZodOpenApiResponseObject } from 'zod-openapi';
import { PROBLEMS } from '../domain/problem.ts';
import { errorEnvelope, problemDetails } from './problem.ts';

/** What every answer says of itself; an id is the caller's own when it can be traced. */
const everyAnswer = z.object({
  'x-request-id': z.string().max(64),
  'apim-request-id': z.string().max(64).describe('The same as `x-request-id`.'),
});

const figure = z.string().regex(/^\d+$/).optional();
const wait = z
  .string()
  .regex(/^\d+ms$/)
  .optional();

/** Absent when policy, or the limits, were not asked. */
const modelAnswer = everyAnswer.extend({
  'x-stewardgate-decision-id': z.string().max(64).optional(),
  'x-stewardgate-policy-set': z.string().max(64).optional(),
  'x-ratelimit-limit-requests': figure,
  'x-ratelimit-remaining-requests': figure,
  'x-ratelimit-reset-requests': wait,
  'x-ratelimit-limit-tokens': figure,
  'x-ratelimit-remaining-tokens': figure,
  'x-ratelimit-reset-tokens': wait,
});

/** Headers of an answer of the model. */
export const answerHeaders = modelAnswer.extend({
  'x-stewardgate-model-version': z.string().max(128),
  'x-stewardgate-redactions': figure.describe('Absent on streams, whose finish chunk carries the count.'),
  'idempotent-replayed': z
    .literal('true')
    .optional()
    .describe('The answer of an earlier request under the same key.'),
});

export const plainHeaders = everyAnswer;

const refusal = {
  'x-should-retry': z.literal('false').optional().describe('Set when the same request would fail again.'),
  'retry-after': figure.describe('Seconds.'),
  'retry-after-ms': figure,
  'www-authenticate': z.string().max(512).optional().describe('On 401.'),
};

type Statuses = readonly number[];

const OF_EVERY_READ: Statuses = [400, 401, 403, 404, 408, 431, 500, 503];
/** What can go wrong where nothing but a name is sent. */
export const READ_STATUSES = OF_EVERY_READ;
/** What can go wrong with a body. */
export const WRITE_STATUSES: Statuses = [...OF_EVERY_READ, 413, 415, 422];
/** What can go wrong when the model is asked. */
export const ASK_STATUSES: Statuses = [...OF_EVERY_READ, 413, 415, 422, 429, 502, 504];

type Failures = Readonly<Record<string, ZodOpenApiResponseObject>>;

/** The failures of an operation of the model plane, by status. */
export function modelProblems(statuses: Statuses): Failures {
  return only(statuses, OF_MODEL_PLANE);
}

/** The failures of an administrative or compliance act, by status. */
export function actProblems(statuses: Statuses): Failures {
  return only(statuses, OF_ACTS);
}

function only(statuses: Statuses, failures: Failures): Failures {
  const names = [...statuses.map(String), 'default'];
  return Object.fromEntries(Object.entries(failures).filter(([name]) => names.includes(name)));
}

const OF_MODEL_PLANE = failuresOf('ModelProblem', {
  content: { 'application/json': { schema: errorEnvelope } },
  headers: modelAnswer.extend(refusal),
});
const OF_ACTS = failuresOf('ActProblem', {
  content: { 'application/problem+json': { schema: problemDetails } },
  headers: everyAnswer.extend(refusal),
});

/** One for each status of the table; each is a component, so that operations refer to it. */
function failuresOf(name: string, shape: Omit<ZodOpenApiResponseObject, 'description'>): Failures {
  const statuses = [...new Set(Object.values(PROBLEMS).map((row) => row.status))];
  const known = statuses.map((status) => [
    String(status),
    { id: `${name}${status}`, description: `A problem: ${codesOf(status)}.`, ...shape },
  ]);
  const other = { id: name, description: 'A problem; see its code.', ...shape };
  return { ...Object.fromEntries(known), default: other };
}

function codesOf(status: number): string {
  const rows = Object.entries(PROBLEMS).filter(([, row]) => row.status === status);
  return rows.map(([code]) => `\`${code}\``).join(', ');
}
