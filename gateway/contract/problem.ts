import { z } from 'zod';

/** The one error shape of the model plane: OpenAI's envelope, with Azure's `inner_error`. */
export const errorEnvelope = z
  .object({
    error: z.object({
      message: z.string(),
      type: z.string(),
      param: z.string().nullable(),
      code: z.string(),
      inner_error: z.object({
        code: z.string(),
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
    code: z.string(),
    param: z.string().nullable(),
    request_id: z.string(),
    reasons: z.array(z.string()),
  })
  .meta({ id: 'ProblemDetails' });

export type ProblemDetails = z.output<typeof problemDetails>;
