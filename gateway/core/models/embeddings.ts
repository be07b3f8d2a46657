/** How a host is asked to write its vectors. */
export const VECTOR_ENCODINGS = ['float', 'base64'] as const;
export type VectorEncoding = (typeof VECTOR_ENCODINGS)[number];

/** An embeddings request after validation, in the OpenAI shape: only fields the gateway understands. */
export interface EmbeddingsPrompt {
  readonly inputs: readonly string[];
  readonly encoding: VectorEncoding;
  /** How long the vectors are to be; the host's own length when absent. */
  readonly dimensions?: number;
}

/** Numbers, or in base64 their octets as little-endian float32; as the host wrote it. */
export type Vector = readonly number[] | string;
