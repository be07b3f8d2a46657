import { z } from 'zod';
import { VECTOR_ENCODINGS } from '../domain/vocabulary.ts';

// The allow-list of what a caller may send to embeddings. What is not named here is refused, never forwarded.

const INPUT_CHARS_MAX = 2_000_000;
const INPUTS_MAX = 2_048;
const input = z.string().min(1).max(INPUT_CHARS_MAX);

/** `POST /v1/embeddings` as OpenAI's API description spells it, less input as token numbers, which nobody here can read. */
export const embeddingsRequest = z
  .strictObject({
    model: z.string().min(1).max(128),
    input: z.union([input, z.array(input).min(1).max(INPUTS_MAX)]),
    encoding_format: z.enum(VECTOR_ENCODINGS).nullish(),
    dimensions: z.int().min(1).max(4_096).nullish(),
    // Accepted because stock clients send it; it does not reach the model.
    user: z.string().max(256).nullish(),
  })
  .meta({
    id: 'EmbeddingsRequest',
    description: 'An OpenAI embeddings request; unknown fields are refused.',
  });

export const embeddingsAnswer = z
  .object({
    object: z.literal('list'),
    data: z.array(
      z.object({
        object: z.literal('embedding'),
        index: z.int(),
        embedding: z
          .union([z.array(z.number()), z.string()])
          .describe('Numbers, or in base64 their octets as little-endian float32; as the model gave it.'),
      }),
    ),
    model: z.string(),
    usage: z.object({ prompt_tokens: z.int(), total_tokens: z.int() }),
    stewardgate: z.object({
      decision_id: z.string(),
      policy_set: z.string(),
      model_version: z.string(),
      input_redactions: z
        .int()
        .describe('How many identifiers were replaced in the inputs before the model read them.'),
    }),
  })
  .meta({ id: 'EmbeddingsAnswer' });

export type EmbeddingsAnswer = z.output<typeof embeddingsAnswer>;
