import { setTimeout as wait } from 'node:timers/promises';
import { createClient } from '@redis/client';
import { limitScripts } from './redis-scripts.ts';
import { withinDeadline } from './within-deadline.ts';

export interface LineOptions {
  readonly url: string;
  readonly deadlineMs: number;
  /** A key that may be written at any time, to see whether Redis takes writes. */
  readonly probeKey: string;
  /** How long a connection may be silent before it is replaced. */
  readonly redialMs: number;
  readonly onChange: OnLineChange;
}

/** Told of each change, with what was found when the line is down; the first state is told as well. */
export type OnLineChange = (state: 'up' | 'down', fault?: unknown) => void;
export type LimitRedis = ReturnType<typeof dial>;

/**
 * One connection to Redis with a deadline on each call and a circuit breaker. Five failures in a row, or a lost
 * connection, and it is down: calls fail at once, and only a write that succeeds brings it up again. No request is
 * used as the trial.
 */
export class RedisLine implements AsyncDisposable {
  readonly #options: LineOptions;
  readonly #closing = new AbortController();
  #redis: LimitRedis;
  #state: 'new' | 'up' | 'down' = 'new';
  /** Since when nothing has been heard on the connection of now, while the line is not up. */
  #silentSinceMs = 0;
  #failuresInARow = 0;
  #recovery: Promise<void> | undefined;

  constructor(options: LineOptions) {
    this.#options = options;
    this.#redis = this.#dial();
    this.#recovery = this.#recover();
  }

  get isUp(): boolean {
    return this.#state === 'up';
  }

  /** Resolves when the line is up for the first time, or after `mostMs` without it. */
  async opened(mostMs: number): Promise<void> {
    if (this.#recovery !== undefined) await withinDeadline(this.#recovery, mostMs).catch(() => undefined);
  }

  /**
   * The reply, or a rejection within the deadline. Then `abandoned` gets what was sent, which may still take effect:
   * it owns that promise and must handle both its ends.
   */
  async call<Reply>(
    send: (redis: LimitRedis) => Promise<Reply>,
    abandoned: (reply: Promise<Reply>) => void,
  ): Promise<Reply> {
    const reply = this.isUp
      ? send(this.#redis)
      : Promise.reject<Reply>(new Error('the line to Redis is down'));
    try {
      const answer = await withinDeadline(reply, this.#options.deadlineMs);
      this.#failuresInARow = 0;
      return answer;
    } catch (fault) {
      abandoned(reply);
      this.#failuresInARow += 1;
      if (this.#failuresInARow >= FAILURES_MAX) this.#goDown(fault);
      throw fault;
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#closing.abort();
    this.#state = 'down';
    if (this.#redis.isReady) await withinDeadline(this.#redis.close(), CLOSE_MS).catch(() => undefined);
    this.#redis.destroy();
    await this.#recovery;
  }

  #goDown(fault: unknown): void {
    if (this.#state === 'down') return;
    if (this.#state === 'up') this.#silentSinceMs = performance.now();
    this.#state = 'down';
    this.#options.onChange('down', fault);
    this.#recovery ??= this.#recover();
  }

  async #recover(): Promise<void> {
    while (!this.isUp && !this.#closing.signal.aborted) {
      if (await this.#takesWrites()) this.#goUp();
      else if (performance.now() - this.#silentSinceMs > this.#options.redialMs) this.#redial();
      else await wait(PROBE_EVERY_MS, undefined, { signal: this.#closing.signal }).catch(() => undefined);
    }
    this.#recovery = undefined;
  }

  #goUp(): void {
    if (this.#closing.signal.aborted) return;
    this.#state = 'up';
    this.#failuresInARow = 0;
    this.#options.onChange('up');
  }

  /** A replica after a failover, or a Redis that is full, answers a ping and refuses to write. */
  async #takesWrites(): Promise<boolean> {
    if (!this.#redis.isReady) return false;
    const written = this.#redis.set(this.#options.probeKey, '1', { PX: 1_000 });
    return withinDeadline(written, this.#options.deadlineMs).then(
      () => true,
      () => false,
    );
  }

  #redial(): void {
    this.#redis.destroy();
    this.#redis = this.#dial();
  }

  #dial(): LimitRedis {
    this.#silentSinceMs = performance.now();
    const redis = dial(this.#options.url);
    const lost = (fault: unknown) => {
      if (redis === this.#redis) this.#goDown(fault);
    };
    redis.on('error', lost);
    redis.connect().catch(lost);
    return redis;
  }
}

const FAILURES_MAX = 5;
const PROBE_EVERY_MS = 50;
const CLOSE_MS = 1_000;

/** Commands beyond these wait behind a Redis that is hopelessly late; they fail at once instead. */
const COMMANDS_WAITING_MAX = 20_000;

/** Each call has its deadline already; the client's own timer takes a third of its CPU. */
const NO_TIMER = 0;

function dial(url: string) {
  return createClient({
    url,
    RESP: 2,
    scripts: limitScripts(),
    disableOfflineQueue: true,
    commandsQueueMaxLength: COMMANDS_WAITING_MAX,
    commandOptions: { timeout: NO_TIMER },
    socket: { connectTimeout: 2_000, reconnectStrategy: (retries) => Math.min(50 * 2 ** retries, 500) },
  });
}
