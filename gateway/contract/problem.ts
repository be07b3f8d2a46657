import { z } from 'zod';
import { PROBLEMS, type ProblemCode } from '../domain/problem.ts';

const CODES = Object.keys(PROBLEMS) as [ProblemCode, ...ProblemCode[]]; // the table's own keys
const code = z.enum(CODES).meta({ id: 'ProblemCode' });
/** Azure's name for a refusal by policy; else the same as the outer code. */
const innerCode = z.enum(['StewardshipPolicy', ...CODES]).meta({ id: 'InnerProblemCode' });

/** The one error shape of the model plane: OpenAI's envelope, with Azure's `inner_error`. */
export const errorEnvelope = z
  .object({
    error: z.object({
      message: z.string(),
      type: z.string(),
      param: z.string().nullable(),
      code,
      inner_error: z.object({
        code: innerCode,
        request_id: z.string(),
        decision_id: z.string().nullable(),
        policy_set: z.string().nullable(),
        reasons: z.array(z.string()),
      }),
    }),
  })
  .meta({ id: 'ErrorEnvelope' });

export type ErrorEnvelope = z.output<typeof errorEnvelope>;

/** The error shape of the admin and audit planes (RFC 9457). */
export const problemDetails = z
  .object({
    type: z.string(),
    title: z.string(),
    status: z.int(),
    code,
    param: z.string().nullable(),
    request_id: z.string(),
    reasons: z.array(z.string()),
  })
  .meta({ id: 'ProblemDetails' });

export type ProblemDetails = z.output<typeof problemDetails>;
