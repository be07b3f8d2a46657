import { NO_USAGE } from '../core/metering/usage.ts';
import type { ModelReply } from '../core/models/upstream.ts';
import { mint, type Pass } from '../domain/pass.ts';
import { asProblem } from '../domain/problem.ts';
import type { CleanPrompt } from './deidentify.ts';
import type { Entry } from './entry.ts';
import type { House } from './house.ts';
import { lapseOf, watchKey } from './key-watch.ts';
import type { ModelRequest } from './model-request.ts';
import { isPlainWord } from './plain-word.ts';
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
  const { grant } = prompt.permit;
  const { caller } = grant.asked;
  const { tenant, client, context } = caller;
  await house.ledger.append(entry.decided(prompt.permit.promptBytes));
  const { id: version, deployment } = grant.version;
  const span = house.telemetry.modelCall({ version, deployment, streamed: grant.asked.streamed });
  const askedAt = house.clock.now();
  const call = {
    requestId: entry.requestId,
    deployment,
    stream: grant.asked.streamed,
    prompt: prompt.prompt.reveal(),
    safetyIdentifier: house.keyring.safetyIdentifier(tenant.id, context.user ?? client.id),
  };
  const watch = watchKey(house, request, caller);
  try {
    const reply = await house.upstream.ask(call, request.cancel);
    entry.note({ upstreamMs: house.clock.now() - askedAt });
    if (isToken(reply.upstreamRequestId)) entry.note({ upstreamRequestId: reply.upstreamRequestId });
    return mint({ prompt, reply, span, watch });
  } catch (thrown) {
    watch.stop();
    const problem = (await lapseOf(house, request, caller)) ?? thrown;
    span.end({ usage: NO_USAGE, errorCode: asProblem(problem).code, finishReasons: [] });
    throw problem;
  }
}

/** The host's own id is kept only when it is plainly an id. */
function isToken(id: string | null): id is string {
  return id !== null && /^[A-Za-z0-9_-]{1,128}$/.test(id) && isPlainWord(id);
}
