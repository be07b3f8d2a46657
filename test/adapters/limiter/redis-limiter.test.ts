import assert from 'node:assert/strict';
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import { test } from 'node:test';
import { createRedisLimiter } from '../../../gateway/adapters/limiter/redis-limiter.ts';
import { at } from '../../../gateway/domain/clock.ts';
import { limitRequest, many, reserveAll } from './limiter-contract.ts';

const SOON = { deadlineMs: 20, connectMs: 20 };
const INSURE = { whenDown: 'insure', replicas: 4, clock: { now: () => at(Date.UTC(2030, 0, 1)) } } as const;

/** A server that is not Redis: it does what it is told with whoever calls. */
async function openImpostor(greet: (socket: Socket) => void) {
  const sockets = new Set<Socket>();
  const server: Server = createServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => {});
    greet(socket);
  });
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  return {
    url: `redis://127.0.0.1:${(server.address() as AddressInfo).port}`,
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy();
      await new Promise<void>((closed) => server.close(() => closed()));
    },
  };
}

const IMPOSTORS: Record<string, (socket: Socket) => void> = {
  'never answers': () => {},
  'hangs up': (socket) => socket.destroy(),
  'refuses everything': (socket) => socket.on('data', () => socket.write('-ERR no\r\n')),
  'talks nonsense': (socket) => socket.on('data', () => socket.write('good morning\r\n')),
};

for (const [habit, greet] of Object.entries(IMPOSTORS)) {
  test(`a Redis that ${habit}: every request is refused and the limiter is not ready`, async () => {
    await using impostor = await openImpostor(greet);
    await using limiter = await createRedisLimiter({ url: impostor.url, whenDown: 'refuse', ...SOON });
    const { taken, refused } = await reserveAll(limiter, many(50, {}));
    assert.equal(taken.length, 0);
    assert.deepEqual(new Set(refused.map(({ code }) => code)), new Set(['service_unavailable']));
    assert.equal(limiter.isReady(), false);
  });

  test(`a Redis that ${habit}: an insured limiter grants its share and not more`, async () => {
    await using impostor = await openImpostor(greet);
    await using limiter = await createRedisLimiter({ url: impostor.url, ...INSURE, ...SOON });
    const allowance = { ...limitRequest().tenantAllowance, requestsPerMinute: 42 };
    const { taken, refused } = await reserveAll(limiter, many(50, { tenantAllowance: allowance }));
    assert.equal(taken.length, 10);
    assert.deepEqual(new Set(refused.map(({ code }) => code)), new Set(['rate_limit_exceeded']));
    assert.equal(limiter.isReady(), true);
    await Promise.all(taken.map((reservation) => reservation.settle(1)));
  });
}

test('nobody at the address: told once, refused, and no word of the address or password in what a stranger reads', async () => {
  await using gone = await openImpostor(() => {});
  await gone[Symbol.asyncDispose]();
  const url = gone.url.replace('redis://', 'redis://someone:fictional-secret@');
  const told: unknown[] = [];
  const onChange = (state: string, fault: unknown) => told.push(state, fault instanceof Error);
  await using limiter = await createRedisLimiter({ url, whenDown: 'refuse', onChange, ...SOON });
  const { refused } = await reserveAll(limiter, many(1, {}));
  assert.deepEqual(told, ['down', true]);
  assert.equal(refused[0]?.code, 'service_unavailable');
  assert.doesNotMatch(`${refused[0]?.message} ${refused[0]?.reasons}`, /127\.0\.0\.1|fictional/);
});

test('a number of replicas that is not one is refused at the start', async () => {
  for (const replicas of [0, -1, 1.5, Number.NaN]) {
    await assert.rejects(createRedisLimiter({ url: 'redis://127.0.0.1:1', ...INSURE, replicas }), RangeError);
  }
});
