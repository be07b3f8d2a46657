import type { LimitRequest } from '../../core/limits/limiter.ts';
import type { HolderUse, Tally } from '../../core/limits/tally.ts';
import type { Change } from '../../core/limits/window.ts';
import { holderKeys } from './holder-keys.ts';
import type { LimitStore, LimitTiming } from './limit-store.ts';
import { type OnLineChange, RedisLine } from './redis-line.ts';
import type { ScriptKeys } from './redis-scripts.ts';

export interface RedisStoreOptions {
  readonly url: string;
  readonly deadlineMs: number;
  readonly timing: LimitTiming;
  readonly keyPrefix: string;
  readonly onChange: OnLineChange;
}

/**
 * Counts in Redis for all replicas, one script for each act and so one round trip. What is settled while Redis cannot
 * be reached is owed and sent when it can; what stays owed for good frees itself when window and lease end.
 */
export class RedisStore implements LimitStore, AsyncDisposable {
  readonly #line: RedisLine;
  readonly #timing: LimitTiming;
  readonly #keyPrefix: string;
  readonly #owed = new Map<string, Debt>();

  constructor({ url, deadlineMs, timing, keyPrefix, onChange }: RedisStoreOptions) {
    this.#timing = timing;
    this.#keyPrefix = keyPrefix;
    this.#line = new RedisLine({
      url,
      deadlineMs,
      probeKey: `${keyPrefix}:probe`,
      redialMs: REDIAL_MS,
      onChange: (state, fault) => {
        onChange(state, fault);
        if (state === 'up') void this.#payOwed();
      },
    });
  }

  get isUp(): boolean {
    return this.#line.isUp;
  }

  opened(mostMs: number): Promise<void> {
    return this.#line.opened(mostMs);
  }

  async take(request: LimitRequest): Promise<Tally> {
    if (!this.#line.isUp) throw new Error('the line to Redis is down');
    const keys = scriptKeys(this.#keyPrefix, request);
    const args = takeArguments(request, this.#timing);
    const reply = await this.#line.call(
      (redis) => redis.takeLimits(keys, args),
      (late) => this.#takeBack(request, late),
    );
    return readTally(request, reply);
  }

  async settle(tally: Tally, change: Change): Promise<void> {
    const keys = scriptKeys(this.#keyPrefix, tally.request);
    const args = settleArguments(tally, change, this.#timing);
    const sent = this.#line.call(
      (redis) => redis.settleLimits(keys, args),
      (late) => void late.catch(() => this.#owe({ tally, change })),
    );
    const isPaid = await sent.then(
      () => true,
      () => false,
    );
    if (isPaid && this.#owed.size > 0) void this.#payOwed();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#line[Symbol.asyncDispose]();
  }

  /** The caller was refused because the reply was late: what the script took after all goes back, request included. */
  #takeBack(request: LimitRequest, late: Promise<readonly number[]>): void {
    late.then(
      (reply) => {
        const tally = readTally(request, reply);
        if (tally.taken) void this.settle(tally, { requests: -1, tokens: -request.tokens });
      },
      () => this.#owe(leaseOnly(request)),
    );
  }

  #owe(settlement: Settlement): void {
    const endsMs = performance.now() + this.#timing.leaseMs;
    this.#owed.set(settlement.tally.request.lease, { ...settlement, endsMs });
    const [oldest] = this.#owed.keys();
    if (this.#owed.size > OWED_MAX && oldest !== undefined) this.#owed.delete(oldest);
  }

  /** Each once: what fails is owed again. What is older than a lease has freed itself. */
  async #payOwed(): Promise<void> {
    const nowMs = performance.now();
    const debts = [...this.#owed.values()].filter(({ endsMs }) => endsMs > nowMs);
    this.#owed.clear();
    for (let from = 0; from < debts.length; from += OWED_BATCH) {
      const batch = debts.slice(from, from + OWED_BATCH);
      await Promise.all(batch.map(({ tally, change }) => this.settle(tally, change)));
    }
  }
}

interface Debt extends Settlement {
  readonly endsMs: number;
}

interface Settlement {
  readonly tally: Tally;
  readonly change: Change;
}

const REDIAL_MS = 5_000;
const OWED_MAX = 10_000;

/** Small enough to be answered well within the deadline. */
const OWED_BATCH = 100;

/** When nobody knows whether a take arrived: its lease is freed, and its tokens stay charged until the window ends. */
function leaseOnly(request: LimitRequest): Settlement {
  const unknown: HolderUse = { requests: 0, tokens: 0, concurrent: 0, windowEndsMs: 0, resetMs: 0 };
  return {
    tally: { taken: true, request, tenant: unknown, client: unknown },
    change: { requests: 0, tokens: 0 },
  };
}

function scriptKeys(prefix: string, request: LimitRequest): ScriptKeys {
  const { tenant, client } = holderKeys(request);
  return [`${prefix}:w:${tenant}`, `${prefix}:w:${client}`, `${prefix}:l:${tenant}`, `${prefix}:l:${client}`];
}

function takeArguments(request: LimitRequest, { windowMs, leaseMs }: LimitTiming): readonly string[] {
  const { lease, tokens, tenantAllowance: tenant, clientAllowance: client } = request;
  return [
    lease,
    `${tokens}`,
    `${windowMs}`,
    `${leaseMs}`,
    `${tenant.requestsPerMinute}`,
    `${tenant.tokensPerMinute}`,
    `${tenant.concurrent}`,
    `${client.requestsPerMinute}`,
    `${client.tokensPerMinute}`,
    `${client.concurrent}`,
  ];
}

function settleArguments(tally: Tally, change: Change, { windowMs }: LimitTiming): readonly string[] {
  return [
    tally.request.lease,
    `${change.requests}`,
    `${change.tokens}`,
    `${windowMs}`,
    `${tally.tenant.windowEndsMs}`,
    `${tally.client.windowEndsMs}`,
  ];
}

function readTally(request: LimitRequest, reply: readonly number[]): Tally {
  const [taken, nowMs = 0] = reply;
  return {
    taken: taken === 1,
    request,
    tenant: readUse(reply, 2, nowMs),
    client: readUse(reply, 6, nowMs),
  };
}

function readUse(reply: readonly number[], from: number, nowMs: number): HolderUse {
  const [windowEndsMs = 0, requests = 0, tokens = 0, concurrent = 0] = reply.slice(from, from + 4);
  return { requests, tokens, concurrent, windowEndsMs, resetMs: windowEndsMs - nowMs };
}
