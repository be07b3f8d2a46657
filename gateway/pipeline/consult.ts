import type { ChatPrompt } from '../core/models/chat.ts';
import type { ModelReply } from '../core/models/upstream.ts';
import { mint, type Pass } from '../domain/pass.ts';
import { askOnRecord } from './ask-on-record.ts';
import type { CleanPrompt } from './deidentify.ts';
import type { Entry } from './entry.ts';
import type { House } from './house.ts';
import type { ModelRequest } from './model-request.ts';
import type { ModelCallSpan } from './telemetry.ts';

export type RawReply = Pass<
  'consulted',
  {
    readonly prompt: CleanPrompt;
    readonly reply: ModelReply;
    readonly span: ModelCallSpan;
    /** Runs until the answer is settled. */
    readonly watch: { stop(): void };
  }
>;

/**
 * Asks the model, after the `decided` record is durable: what is not in the ledger is not asked.
 * Throws `audit_unavailable` before the call, and the upstream problems of the call itself.
 */
export async function consult(
  house: House,
  entry: Entry,
  prompt: CleanPrompt,
  request: ModelRequest,
): Promise<RawReply> {
  const { permit } = prompt;
  const { asked, version } = permit.grant;
  const { tenant, client, context } = asked.caller;
  const { keyring } = house;
  const call = {
    requestId: entry.requestId,
    deployment: version.deployment,
    stream: asked.streamed,
    prompt: withOwnerFirst(prompt),
    safetyIdentifier: keyring.safetyIdentifier(tenant.id, context.user ?? client.id),
    promptCacheKey: keyring.promptCacheKey(tenant.id, asked.cacheKey ?? ''),
  };
  const ask = () => house.upstream.ask(call, request.cancel);
  const asking = { permit, request, about: { operation: 'chat', streamed: asked.streamed }, ask } as const;
  const { reply, span, watch } = await askOnRecord(house, entry, asking);
  return mint({ prompt, reply, span, watch });
}

/** The owner's word comes before everything the caller says, whatever role the caller gives it. */
function withOwnerFirst({ permit, prompt }: CleanPrompt): ChatPrompt {
  const { messages, ...rest } = prompt.reveal();
  return { ...rest, messages: [{ role: 'system', content: permit.owner.text.reveal() }, ...messages] };
}
