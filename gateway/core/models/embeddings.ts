import type { VectorEncoding } from '../../domain/vocabulary.ts';

/** An embeddings request after validation, in the OpenAI shape: only fields the gateway understands. */
export interface EmbeddingsPrompt {
  readonly inputs: readonly string[];
  readonly encoding: VectorEncoding;
  /** How long the vectors are to be; the host's own length when absent. */
  readonly dimensions?: number;
}

/** Numbers, or in base64 their octets as little-endian float32; as the host wrote it. */
export type Vector = readonly number[] | string;
