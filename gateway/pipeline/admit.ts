import { worstCaseTokens } from '../core/limits/estimate.ts';
import type { Reservation } from '../core/limits/limiter.ts';
import type { ChatPrompt } from '../core/models/chat.ts';
import { mint, type Pass } from '../domain/pass.ts';
import { Problem } from '../domain/problem.ts';
import type { Grant } from './authorize.ts';
import type { Entry } from './entry.ts';
import type { HeldKey } from './held-key.ts';
import type { House } from './house.ts';
import type { FirstAsk } from './once.ts';

export type Permit = Pass<
  'admitted',
  {
    readonly grant: Grant;
    /** Under which the answer is kept; null when the caller sent none. */
    readonly key: HeldKey | null;
    readonly reservation: Reservation;
    /** The most tokens one answer may have: the caller's wish, the policy's cap and the version's own, whichever is least. */
    readonly outputTokensMax: number;
    /** UTF-8 bytes of everything the model will read. */
    readonly promptBytes: number;
  }
>;

/**
 * Is there room: reserves the worst case for tenant and client.
 * Throws `rate_limit_exceeded`, `concurrency_exceeded`, `service_unavailable`, or `invalid_parameter` for a prompt
 * that cannot fit the model's context.
 */
export async function admit(house: House, entry: Entry, { grant, key }: FirstAsk): Promise<Permit> {
  const { tenant, client } = grant.asked.caller;
  const outputTokensMax = outputTokens(grant);
  const { messages, choices, ...rest } = grant.asked.prompt.reveal();
  const promptBytes = bytesOf({ messages, ...rest });
  if (promptBytes / BYTES_PER_TOKEN_MAX > grant.version.contextTokens)
    throw new Problem('invalid_parameter', { param: 'messages' });
  const reservation = await house.limiter.reserve({
    tenant: tenant.id,
    client: client.id,
    tenantAllowance: tenant.limits,
    clientAllowance: client.limits,
    tokens: worstCaseTokens({
      utf8Bytes: promptBytes,
      messages: messages.length,
      maxCompletionTokens: outputTokensMax,
      choices,
    }),
    lease: entry.requestId,
  });
  entry.owe(reservation, promptBytes);
  return mint({ grant, key, reservation, outputTokensMax, promptBytes });
}

/** No tokeniser in use packs prose tighter than this, so beyond it a prompt cannot fit. */
const BYTES_PER_TOKEN_MAX = 8;

function outputTokens({ asked, version, decision }: Grant): number {
  const wished = asked.tokensWanted ?? version.maxOutputTokens;
  const allowed = decision.obligations.maxTokens ?? version.maxOutputTokens;
  return Math.min(wished, allowed, version.maxOutputTokens);
}

type Readable = Pick<ChatPrompt, 'messages' | 'tools' | 'responseFormat'>;

function bytesOf({ messages, tools, responseFormat }: Readable): number {
  const spoken = messages.reduce((sum, message) => sum + messageBytes(message), 0);
  const schemas = [tools, responseFormat].filter((part) => part !== undefined);
  return schemas.length === 0 ? spoken : spoken + Buffer.byteLength(JSON.stringify(schemas));
}

function messageBytes(message: ChatPrompt['messages'][number]): number {
  const said = Buffer.byteLength(message.content ?? '');
  if (message.role !== 'assistant') return said;
  const calls = (message.toolCalls ?? []).map((call) => call.name + call.arguments).join('');
  return said + Buffer.byteLength(message.refusal ?? '') + Buffer.byteLength(calls);
}
