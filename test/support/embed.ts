import type { Asking, Refusal } from './ask.ts';

export interface Embeddings {
  readonly object: string;
  readonly model: string;
  readonly data: readonly {
    readonly object: string;
    readonly index: number;
    readonly embedding: readonly number[] | string;
  }[];
  readonly usage: { readonly prompt_tokens: number; readonly total_tokens: number };
  readonly stewardgate: { readonly input_redactions: number; readonly decision_id: string };
}

export interface EmbedReply {
  readonly status: number;
  readonly headers: Headers;
  readonly id: string;
  readonly text: string;
  readonly body: Embeddings & Refusal;
}

/** Sends one embeddings request, the given fields over the defaults, and reads the whole answer. */
export async function embed(
  { url, key, headers = {}, signal }: Asking,
  fields: Readonly<Record<string, unknown>> = {},
): Promise<EmbedReply> {
  const response = await fetch(`${url}/v1/embeddings`, {
    method: 'POST',
    headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json', ...headers },
    body: JSON.stringify({ model: 'mayo-cr', input: 'a cough', ...fields }),
    ...(signal === undefined ? {} : { signal }),
  });
  const text = await response.text();
  return {
    status: response.status,
    headers: response.headers,
    id: response.headers.get('x-request-id') ?? '',
    text,
    get body() {
      return JSON.parse(text) as Embeddings & Refusal;
    },
  };
}

/** The numbers of a vector, whichever way it is written. */
export function numbersOf(vector: readonly number[] | string | undefined): readonly number[] {
  if (typeof vector !== 'string') return vector ?? [];
  const bytes = Buffer.from(vector, 'base64');
  return Array.from({ length: bytes.length / 4 }, (_, index) => bytes.readFloatLE(index * 4));
}
