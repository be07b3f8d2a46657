import type { AddressInfo } from 'node:net';
import { connect, createServer, type Server, type Socket } from 'node:net';

/** A way to Redis that a test can break: it stands between the limiter and the real server. */
export interface BreakableLine extends AsyncDisposable {
  readonly url: string;
  /** Ends every connection and accepts no new one that lasts. */
  cut(): void;
  /** Commands still arrive; replies wait here. */
  holdReplies(): void;
  /** Replies that wait are delivered, and all is well from now on. */
  mend(): void;
  /** The connections of now stay open and say nothing, for good; new ones are well. */
  silencePresent(): void;
}

type State = 'well' | 'cut' | 'held';

export async function openBreakableLine(redisUrl: string): Promise<BreakableLine> {
  const { hostname, port } = new URL(redisUrl);
  let state: State = 'well';
  const sockets = new Set<Socket>();
  const silent = new WeakSet<Socket>();
  const waiting: (() => void)[] = [];
  const server = createServer((caller) => {
    if (state === 'cut') return void caller.destroy();
    const redis = connect(Number(port) || 6379, hostname);
    for (const [socket, other] of [
      [caller, redis],
      [redis, caller],
    ] as const) {
      sockets.add(socket);
      socket.on('error', () => {});
      socket.on('close', () => {
        sockets.delete(socket);
        other.destroy();
      });
    }
    caller.on('data', (chunk) => void (silent.has(caller) || redis.write(chunk)));
    redis.on('data', (chunk) => {
      const deliver = () => void (silent.has(caller) || caller.destroyed || caller.write(chunk));
      if (state === 'held') waiting.push(deliver);
      else deliver();
    });
  });
  await listen(server);
  const endAll = () => {
    for (const socket of sockets) socket.destroy();
  };
  return {
    url: `redis://127.0.0.1:${(server.address() as AddressInfo).port}`,
    cut() {
      state = 'cut';
      endAll();
    },
    holdReplies() {
      state = 'held';
    },
    mend() {
      state = 'well';
      for (const deliver of waiting.splice(0)) deliver();
    },
    silencePresent() {
      for (const socket of sockets) silent.add(socket);
    },
    async [Symbol.asyncDispose]() {
      endAll();
      await new Promise<void>((closed) => server.close(() => closed()));
    },
  };
}

function listen(server: Server): Promise<void> {
  return new Promise((listening) => server.listen(0, '127.0.0.1', listening));
}
