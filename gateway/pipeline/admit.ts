import { worstCaseTokens } from '../core/limits/estimate.ts';
import type { LimitRequest, Reservation } from '../core/limits/limiter.ts';
import { LimitRefusal } from '../core/limits/refusal.ts';
import type { ModelVersion } from '../core/models/catalogue.ts';
import type { ChatPrompt } from '../core/models/chat.ts';
import { mint, type Pass } from '../domain/pass.ts';
import { Problem } from '../domain/problem.ts';
import type { Grant } from './authorize.ts';
import type { Entry } from './entry.ts';
import type { HeldKey } from './held-key.ts';
import type { House } from './house.ts';
import type { Caller } from './identify.ts';
import type { FirstAsk } from './once.ts';
import type { OwnerMessage } from './owner-message.ts';
import type { AnyAsked, Asked } from './understand.ts';

interface Room<A extends AnyAsked> {
  readonly grant: Grant<A>;
  /** Under which the answer is kept; null when the caller sent none. */
  readonly key: HeldKey | null;
  readonly reservation: Reservation;
  /** UTF-8 bytes of everything the model will read, the owner's message included. */
  readonly promptBytes: number;
}

/** For stages that do not care what is asked for. */
export type AnyPermit<A extends AnyAsked = AnyAsked> = Pass<'admitted', Room<A>>;

export type Permit = Pass<
  'admitted',
  Room<Asked> & {
    /** The most tokens one answer may have: the caller's wish, the policy's cap and the version's own, whichever is least. */
    readonly outputTokensMax: number;
    /** What the owner has the model read first. */
    readonly owner: OwnerMessage;
  }
>;

/**
 * Is there room: reserves the worst case for tenant and client.
 * Throws `rate_limit_exceeded`, `concurrency_exceeded`, `service_unavailable`, or `invalid_parameter` for a prompt
 * that cannot fit the model's context.
 */
export async function admit(house: House, entry: Entry, { grant, key }: FirstAsk): Promise<Permit> {
  const outputTokensMax = outputTokens(grant);
  const { messages, choices, ...rest } = grant.asked.prompt.reveal();
  const { caller } = grant.asked;
  const owner = house.ownerMessage(caller.tenant.id, grant.version.id);
  const scannedBytes = bytesOf({ messages, ...rest });
  const promptBytes = owner.bytes + scannedBytes;
  if (cannotFit(promptBytes, grant.version)) throw new Problem('invalid_parameter', { param: 'messages' });
  const tokens = worstCaseTokens({
    utf8Bytes: promptBytes,
    messages: messages.length + 1,
    maxCompletionTokens: outputTokensMax,
    choices,
  });
  const reservation = await reserveFor(house, entry, { caller, tokens, scannedBytes });
  return mint({ grant, key, reservation, outputTokensMax, owner, promptBytes });
}

/** Whether a text of so many bytes is longer than the version can read in one piece. */
export function cannotFit(utf8Bytes: number, version: ModelVersion): boolean {
  return utf8Bytes / BYTES_PER_TOKEN_MAX > version.contextTokens;
}

/** No tokeniser in use packs prose tighter than this, so beyond it a prompt cannot fit. */
const BYTES_PER_TOKEN_MAX = 8;

interface Need {
  readonly caller: Caller;
  readonly tokens: number;
  /** UTF-8 bytes that the gateway is given to scan. */
  readonly scannedBytes: number;
}

/** Reserves for tenant and client; from then on the end of the entry gives it back. */
export async function reserveFor(
  house: House,
  entry: Entry,
  { caller, tokens, scannedBytes }: Need,
): Promise<Reservation> {
  const { tenant, client } = caller;
  const reservation = await reserve(house, entry, {
    tenant: tenant.id,
    client: client.id,
    tenantAllowance: tenant.limits,
    clientAllowance: client.limits,
    tokens,
    lease: entry.requestId,
  });
  entry.owe(reservation, scannedBytes);
  return reservation;
}

async function reserve(house: House, entry: Entry, request: LimitRequest): Promise<Reservation> {
  try {
    return await house.limiter.reserve(request);
  } catch (thrown) {
    if (thrown instanceof LimitRefusal) entry.noteStanding(thrown.standing);
    throw thrown;
  }
}

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

/** An image takes some 2,000 tokens at most, however many bytes it has. */
const IMAGE_WORTH_BYTES = 8_192;

function messageBytes(message: ChatPrompt['messages'][number]): number {
  const said = Buffer.byteLength(message.content ?? '');
  if (message.role === 'user') return said + (message.images ?? []).length * IMAGE_WORTH_BYTES;
  if (message.role !== 'assistant') return said;
  const calls = (message.toolCalls ?? []).map((call) => call.name + call.arguments).join('');
  return said + Buffer.byteLength(message.refusal ?? '') + Buffer.byteLength(calls);
}
