import type { EmbedReply } from '../core/models/upstream.ts';
import { mint, type Pass } from '../domain/pass.ts';
import { askOnRecord } from './ask-on-record.ts';
import type { CleanInputs } from './deidentify-inputs.ts';
import type { EmbeddingsWish } from './embeddings-dialect.ts';
import type { Entry } from './entry.ts';
import type { House } from './house.ts';
import type { ModelRequest } from './model-request.ts';
import type { ModelCallSpan } from './telemetry.ts';

export type RawVectors = Pass<
  'consulted',
  { readonly inputs: CleanInputs; readonly reply: EmbedReply; readonly span: ModelCallSpan }
>;

/**
 * Asks the model for the vectors, after the `decided` record is durable. Throws `audit_unavailable` before the call,
 * and the upstream problems of the call itself.
 */
export async function consultEmbedder(
  house: House,
  entry: Entry,
  inputs: CleanInputs,
  request: ModelRequest<EmbeddingsWish>,
): Promise<RawVectors> {
  const { permit } = inputs;
  const prompt = inputs.prompt.reveal();
  const { inputs: _, ...vectors } = prompt;
  const call = { requestId: entry.requestId, deployment: permit.grant.version.deployment, prompt };
  const ask = () => house.upstream.embed(call, request.cancel);
  const about = { operation: 'embeddings', streamed: false, vectors } as const;
  const { reply, span, watch } = await askOnRecord(house, entry, { permit, request, about, ask });
  watch.stop(); // The answer is whole.
  return mint({ inputs, reply, span });
}
