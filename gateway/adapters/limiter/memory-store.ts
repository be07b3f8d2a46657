import type { Allowance, LimitRequest } from '../../core/limits/limiter.ts';
import { fits, type HolderUse, type Tally } from '../../core/limits/tally.ts';
import {
  type Change,
  changed,
  currentWindow,
  type Settling,
  settled,
  type Window,
} from '../../core/limits/window.ts';
import type { Clock } from '../../domain/clock.ts';
import { holderKeys } from './holder-keys.ts';
import type { LimitStore, LimitTiming } from './limit-store.ts';

/**
 * Counts in this process. Nothing awaits inside an act, so each is whole. Holders that are idle are forgotten once a
 * window, so that memory follows those at work and no timer is held.
 */
export function createMemoryStore(clock: Clock, timing: LimitTiming): LimitStore {
  const holders: Holders = new Map();
  let sweepAtMs = 0;
  return {
    async take(request) {
      const nowMs = clock.now();
      if (nowMs >= sweepAtMs) {
        forgetIdle(holders, nowMs);
        sweepAtMs = nowMs + timing.windowMs;
      }
      return take(holders, request, { nowMs, ...timing });
    },
    async settle(tally, change) {
      const time = { nowMs: clock.now(), lengthMs: timing.windowMs };
      const { tenant, client } = holderKeys(tally.request);
      settle(holders.get(tenant), tally.request.lease, change, {
        ...time,
        takenEndsMs: tally.tenant.windowEndsMs,
      });
      settle(holders.get(client), tally.request.lease, change, {
        ...time,
        takenEndsMs: tally.client.windowEndsMs,
      });
    },
  };
}

interface Holder {
  window: Window;
  /** When each lease runs out. */
  readonly leases: Map<string, number>;
}

type Holders = Map<string, Holder>;
type Moment = LimitTiming & { readonly nowMs: number };

function take(holders: Holders, request: LimitRequest, moment: Moment): Tally {
  const keys = holderKeys(request);
  const tenant = refreshed(holders, keys.tenant, request.tenantAllowance, moment);
  const client = refreshed(holders, keys.client, request.clientAllowance, moment);
  const { nowMs } = moment;
  const taken =
    fits(request.tenantAllowance, use(tenant, nowMs), request.tokens) &&
    fits(request.clientAllowance, use(client, nowMs), request.tokens);
  if (taken) {
    charge(tenant, request, moment);
    charge(client, request, moment);
  }
  return { taken, request, tenant: use(tenant, nowMs), client: use(client, nowMs) };
}

/** Expired leases are looked for only when the slots are all held: they harm nobody before. */
function refreshed(holders: Holders, key: string, allowance: Allowance, moment: Moment): Holder {
  const known = holders.get(key);
  const window = currentWindow(known?.window, moment.nowMs, moment.windowMs);
  if (known === undefined) {
    const holder: Holder = { window, leases: new Map() };
    holders.set(key, holder);
    return holder;
  }
  known.window = window;
  if (known.leases.size >= allowance.concurrent) dropExpired(known.leases, moment.nowMs);
  return known;
}

function charge(holder: Holder, { lease, tokens }: LimitRequest, { nowMs, leaseMs }: Moment): void {
  holder.window = changed(holder.window, { requests: 1, tokens });
  holder.leases.set(lease, nowMs + leaseMs);
}

function use({ window, leases }: Holder, nowMs: number): HolderUse {
  return {
    requests: window.requests,
    tokens: window.tokens,
    concurrent: leases.size,
    windowEndsMs: window.endsMs,
    resetMs: window.endsMs - nowMs,
  };
}

function settle(holder: Holder | undefined, lease: string, change: Change, settling: Settling): void {
  if (holder?.leases.delete(lease)) holder.window = settled(holder.window, change, settling);
}

function forgetIdle(holders: Holders, nowMs: number): void {
  for (const [key, holder] of holders) {
    dropExpired(holder.leases, nowMs);
    if (holder.leases.size === 0 && holder.window.endsMs <= nowMs) holders.delete(key);
  }
}

/** A map keeps the order of insertion, and all leases are equally long: the first that still runs ends the search. */
function dropExpired(leases: Map<string, number>, nowMs: number): void {
  for (const [lease, expiresMs] of leases) {
    if (expiresMs > nowMs) return;
    leases.delete(lease);
  }
}
