import { embeddingsRequest } from '../contract/openai-embeddings.ts';
import { parseOrRefuse } from '../contract/parse.ts';
import type { EmbeddingsPrompt } from '../core/models/embeddings.ts';
import type { AnyWish } from './dialect.ts';
import { given } from './given.ts';

/** What a caller wants vectors of. */
export interface EmbeddingsWish extends AnyWish {
  readonly prompt: EmbeddingsPrompt;
}

/** Reads the body of `POST /v1/embeddings`. Throws `unknown_parameter` or `invalid_parameter`. */
export function embeddingsDialect(body: unknown): EmbeddingsWish {
  const { model, input, encoding_format, dimensions } = parseOrRefuse(embeddingsRequest, body);
  const inputs = typeof input === 'string' ? [input] : input;
  const encoding = encoding_format ?? 'float';
  return { model, streamed: false, prompt: { inputs, encoding, ...given('dimensions', dimensions) } };
}
