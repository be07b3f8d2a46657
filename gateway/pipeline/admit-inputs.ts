import { estimatePromptTokens } from '../core/limits/estimate.ts';
import { mint } from '../domain/pass.ts';
import { Problem } from '../domain/problem.ts';
import { type AnyPermit, cannotFit, reserveFor } from './admit.ts';
import type { EmbeddingsWish } from './embeddings-dialect.ts';
import type { Entry } from './entry.ts';
import type { House } from './house.ts';
import type { FirstAsk } from './once.ts';
import type { Asked } from './understand.ts';

export type EmbeddingsPermit = AnyPermit<Asked<EmbeddingsWish>>;

/**
 * Is there room: reserves what the inputs may come to, for a vector costs no tokens. Throws `rate_limit_exceeded`,
 * `concurrency_exceeded`, `service_unavailable`, or `invalid_parameter` for an input that cannot fit the model's context.
 */
export async function admitInputs(
  house: House,
  entry: Entry,
  { grant, key }: FirstAsk<Asked<EmbeddingsWish>>,
): Promise<EmbeddingsPermit> {
  const { asked, version } = grant;
  const sizes = asked.prompt.reveal().inputs.map((input) => Buffer.byteLength(input));
  if (sizes.some((bytes) => cannotFit(bytes, version)))
    throw new Problem('invalid_parameter', { param: 'input' });
  const promptBytes = sizes.reduce((sum, bytes) => sum + bytes, 0);
  const tokens = estimatePromptTokens(promptBytes) + TOKENS_PER_INPUT * sizes.length;
  const reservation = await reserveFor(house, entry, {
    caller: asked.caller,
    tokens,
    scannedBytes: promptBytes,
  });
  return mint({ grant, key, reservation, promptBytes });
}

/** Tokenisers open and close each text with a token of its own at most. */
const TOKENS_PER_INPUT = 2;
