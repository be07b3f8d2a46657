import { fork, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { end, isPinned } from './child.ts';

export type Shape = 'json' | 'stream' | 'paced';

export interface Order {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly shape: Shape;
  readonly connections: number;
  /** Stops after so many seconds, or so many requests, whichever is first. */
  readonly secondsMax: number;
  readonly requestsMax: number;
}

export interface Outcome {
  readonly requests: number;
  /** Of those; they are left out of the times. */
  readonly refused: number;
  /** Of those; they began with 200 and did not end as they should. */
  readonly broken: number;
  /** What those said of themselves, refused or broken off, and how often. */
  readonly codes: Readonly<Record<string, number>>;
  readonly seconds: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly firstWordP50Ms: number;
}

export interface Load extends AsyncDisposable {
  /** Rejects when more than one in ten answers were not the one expected: a fast refusal must not pass for a fast answer. */
  run(order: Order): Promise<Outcome>;
}

/** The load generator, in a process of its own. */
export function openLoad(): Load {
  const child = fork(join(import.meta.dirname, 'load.ts'), {
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
  });
  if (isPinned) spawnSync('taskset', ['-a', '-p', '-c', '1', String(child.pid)]);
  return {
    run: async (order) => {
      child.send(order);
      const [outcome] = (await once(child, 'message')) as [Outcome | { readonly fault: string }];
      if ('fault' in outcome) throw new Error(`${order.url} ${order.shape}: ${outcome.fault}`);
      return outcome;
    },
    [Symbol.asyncDispose]: () => end(child),
  };
}
