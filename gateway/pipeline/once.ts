import { setTimeout as pause } from 'node:timers/promises';
import { type Claim, type Holder, LEASE_MS } from '../core/replay/claims.ts';
import { type KeptAnswer, readKept } from '../core/replay/kept-answer.ts';
import { readSentKey, type SentKey } from '../core/replay/sent-key.ts';
import { at } from '../domain/clock.ts';
import { mint, type Pass } from '../domain/pass.ts';
import { Problem } from '../domain/problem.ts';
import type { Grant } from './authorize.ts';
import type { Entry } from './entry.ts';
import { type HeldKey, heldKey, placeOf, termsOf } from './held-key.ts';
import type { House } from './house.ts';
import { lapseOf } from './key-watch.ts';
import type { AnyRequest } from './model-request.ts';
import type { AnyAsked, Asked } from './understand.ts';

/** A request that nobody is answering and nobody has answered, or that has no key to know it by. */
export type FirstAsk<A extends AnyAsked = Asked> = Pass<
  'first',
  { readonly isRepeat: false; readonly grant: Grant<A>; readonly key: HeldKey | null }
>;

/** A duplicate, with the answer that the first was given. */
export type Repeat = Pass<'repeat', { readonly isRepeat: true; readonly answer: KeptAnswer }>;

/**
 * Is it new. A duplicate waits for the first to end and gets its answer; it reserves nothing and asks nobody.
 * Throws `idempotency_mismatch` for a key that named another request, `duplicate_request` when the answer cannot be
 * repeated or does not come in time, `invalid_parameter` for a key of the wrong form, and `service_unavailable` when
 * nobody knows whether it is new.
 */
export async function once<A extends AnyAsked>(
  house: House,
  entry: Entry,
  grant: Grant<A>,
  request: AnyRequest,
): Promise<FirstAsk<A> | Repeat> {
  const sent = readSentKey(request.keys);
  if (sent === undefined) return first(grant, null);
  const claim = claimOf(house, { entry, grant, request, sent });
  const key = heldKey(house, grant, claim);
  const holder = await holderAtLast({ house, grant, request, claim }).catch(async (thrown) => {
    await key.release(); // the claim may have been stored though its answer was lost
    throw thrown;
  });
  if (holder.kind === 'us') {
    entry.hold(key);
    return first(grant, key);
  }
  if (holder.kind !== 'finished') throw new Problem('duplicate_request');
  entry.note({ eventType: 'model.replay', replayOf: holder.requestId });
  return repeat(keptFor(house, { grant, claim, holder }));
}

const first = <A extends AnyAsked>(grant: Grant<A>, key: HeldKey | null): FirstAsk<A> =>
  mint({ isRepeat: false, grant, key });
const repeat = (answer: KeptAnswer): Repeat => mint({ isRepeat: true, answer });

interface Finding {
  readonly grant: Grant<AnyAsked>;
  readonly claim: Claim;
  readonly holder: Extract<Holder, { readonly kind: 'finished' }>;
}

/** The answer that was kept, when today's decision is still the one it was given on. Throws `duplicate_request`. */
function keptFor({ keyring }: House, { grant, claim, holder }: Finding): KeptAnswer {
  if (holder.answer === null) throw new Problem('duplicate_request');
  const place = placeOf(claim, holder.requestId);
  const answer = readKept(keyring.openReplay(claim.tenant, holder.answer, place), termsOf(grant));
  if (answer === undefined) throw new Problem('duplicate_request');
  return answer;
}

interface Asking {
  readonly entry: Entry;
  readonly grant: Grant<AnyAsked>;
  readonly request: AnyRequest;
  readonly sent: SentKey;
}

function claimOf({ keyring }: House, { entry, grant, request, sent }: Asking): Claim {
  const { caller, body } = grant.asked;
  const [tenant, client] = [caller.tenant.id, caller.client.id];
  const name = ['key', client, sent.header, sent.value];
  const asked = ['body', request.route, request.named ?? null, caller.context, body.reveal()];
  return {
    tenant,
    client,
    keyHmac: keyring.replayHmac(tenant, JSON.stringify(name)),
    bodyHmac: keyring.replayHmac(tenant, JSON.stringify(asked)),
    requestId: entry.requestId,
  };
}

interface Claiming {
  readonly house: House;
  readonly grant: Grant<AnyAsked>;
  readonly request: AnyRequest;
  readonly claim: Claim;
}

/** Whose the key is, once whoever was answering under it has ended or the patience of those who wait has. */
async function holderAtLast(claiming: Claiming): Promise<Holder> {
  const holder = sameRequest(claiming.claim, await take(claiming));
  if (!isOpen(holder)) return holder;
  const { waiting } = claiming.house.replays;
  const { client } = claiming.claim;
  if (!waiting.enter(client)) return holder;
  try {
    return await holderAfterWait(claiming, holder);
  } finally {
    waiting.leave(client);
  }
}

async function holderAfterWait(claiming: Claiming, first: Holder): Promise<Holder> {
  const { house, claim } = claiming;
  let holder = first;
  let pauseMs = PAUSE_MS;
  for (let waitedMs = 0; isOpen(holder) && waitedMs < house.replays.waitMsMax; waitedMs += pauseMs) {
    pauseMs = Math.min(pauseMs * 2, PAUSE_MS_MAX);
    await waitStill(claiming, pauseMs);
    holder = await house.replays.claims.look(claim, house.clock.now());
    if (holder.kind === 'nobody') holder = await take(claiming);
    sameRequest(claim, holder);
  }
  return holder;
}

/** Still to be decided: a name may also be given back just as it is asked for, and is then free for the next try. */
function isOpen({ kind }: Holder): boolean {
  return kind === 'running' || kind === 'nobody';
}

const PAUSE_MS = 10;
const PAUSE_MS_MAX = 500;

/** Throws when the caller leaves, the gateway stops, or the caller may no longer be here. */
async function waitStill({ house, grant, request }: Claiming, pauseMs: number): Promise<void> {
  try {
    await pause(pauseMs, undefined, { signal: AbortSignal.any([request.gone, request.cancel]) });
  } catch (cause) {
    const { reason } = request.cancel;
    throw reason instanceof Problem ? reason : new Problem('request_timeout', { cause });
  }
  const lapse = await lapseOf(house, request, grant.asked.caller);
  if (lapse !== undefined) throw lapse;
}

function take({ house, claim }: Claiming): Promise<Holder> {
  const now = house.clock.now();
  return house.replays.claims.claim(claim, { now, until: at(now + LEASE_MS) });
}

/** Throws `idempotency_mismatch` when the key is another request's. */
function sameRequest(claim: Claim, holder: Holder): Holder {
  const isOther = 'bodyHmac' in holder && !Buffer.from(claim.bodyHmac).equals(holder.bodyHmac);
  if (isOther) throw new Problem('idempotency_mismatch');
  return holder;
}
