import { REDACTION_ENGINE } from '../core/redaction/engine.ts';
import type { Claim } from '../core/replay/claims.ts';
import { KEPT_BYTES_MAX, type KeptAnswer, writeKept } from '../core/replay/kept-answer.ts';
import { at } from '../domain/clock.ts';
import type { Grant } from './authorize.ts';
import type { House } from './house.ts';
import type { AnyAsked } from './understand.ts';

/** The key under which a request is being answered, and the copy of its answer: it ends kept or given back, once. */
export interface HeldKey {
  /** Gathers the text of the answer as it is written. */
  add(text: string): void;
  /**
   * From now on a duplicate is given what was gathered; where that may not be kept or is too long, it is known only that
   * there was an answer. To be done before the last byte leaves. Throws when storage does not take it.
   */
  keep(head: Omit<KeptAnswer, 'body'>): Promise<void>;
  /** Never throws; what cannot be given back is free when its lease is over. */
  release(): Promise<void>;
}

export type Keeper = Pick<House, 'clock' | 'keyring' | 'replays'>;

export function heldKey(house: Keeper, grant: Grant<AnyAsked>, claim: Claim): HeldKey {
  const { claims, retentionMs } = house.replays;
  const copy = gathered(mayKeep(house, grant) ? KEPT_BYTES_MAX : 0);
  let isOver = false;
  return {
    add: copy.add,
    async keep(head) {
      if (isOver) return;
      isOver = true;
      const body = copy.text();
      const answer = body === null ? null : sealedFor(house, { grant, claim, answer: { ...head, body } });
      await claims.finish(claim, { answer, until: at(house.clock.now() + (retentionMs || FACT_MS)) });
    },
    async release() {
      if (isOver) return;
      isOver = true;
      await claims.release(claim).catch(() => undefined);
    },
  };
}

/** How long it is known that a request was answered when no answers are kept at all. */
const FACT_MS = 600_000;

/** Content stays only where a rule says that it may. */
function mayKeep({ replays }: Keeper, { decision }: Grant<AnyAsked>): boolean {
  return replays.retentionMs > 0 && (decision.obligations.retainDays ?? 0) > 0;
}

/** Texts put together; null as soon as they are longer than the bound, and then nothing is held. */
function gathered(bytesMax: number) {
  let parts: string[] = [];
  let bytes = 0;
  return {
    add(text: string) {
      bytes += Buffer.byteLength(text);
      if (bytes > bytesMax) parts = [];
      else parts.push(text);
    },
    text: () => (bytes > bytesMax ? null : parts.join('')),
  };
}

interface Sealing {
  readonly grant: Grant<AnyAsked>;
  readonly claim: Claim;
  readonly answer: KeptAnswer;
}

function sealedFor({ keyring }: Keeper, { grant, claim, answer }: Sealing): Uint8Array {
  return keyring.sealReplay(claim.tenant, writeKept(answer, termsOf(grant)), placeOf(claim, claim.requestId));
}

/** An answer counts only where it was kept: not under another name, client or request. */
export function placeOf({ tenant, client, keyHmac }: Claim, requestId: string): string {
  return [tenant, client, Buffer.from(keyHmac).toString('hex'), requestId].join('|');
}

/** On what the answer was given: by another version, policy set, rules or redaction it might be another, or none. */
export function termsOf({ version, decision }: Grant<AnyAsked>): string {
  return JSON.stringify([version.id, decision.policySet, decision.matchedRules, REDACTION_ENGINE]);
}
