import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { Problem } from '../../gateway/domain/problem.ts';
import { ask } from '../support/ask.ts';
import { newPartner } from '../support/steward.ts';
import { keyOf, openWorld, type World } from '../world.ts';

let world: World;
before(async () => {
  world = await openWorld();
});
after(() => world[Symbol.asyncDispose]());

const NAMES = ['requests', 'tokens'].flatMap((what) =>
  ['limit', 'remaining', 'reset'].map((which) => `x-ratelimit-${which}-${what}`),
);

test('a request over the limit is told what the limit is, that nothing is left, and when there will be', async () => {
  const limits = { requests_per_minute: 1, tokens_per_minute: 1_000_000, concurrent: 4 };
  const { key } = await newPartner(world, { limits });
  assert.equal((await world.ask('a cough', { key })).status, 200);
  const { status, headers } = await world.ask('a cough', { key });
  assert.equal(status, 429);
  for (const name of NAMES) assert.match(headers.get(name) ?? '', /^\d+(ms)?$/, name);
  assert.equal(headers.get('x-ratelimit-limit-requests'), '1');
  assert.equal(headers.get('x-ratelimit-remaining-requests'), '0');
  assert.ok(Number(headers.get('retry-after-ms')) > 0);
});

test('a refusal after the limits were asked tells the standing; one before does not', async () => {
  const held = await world.ask('SSN 078-05-1120', { key: keyOf(world.demo, 'lakeside') });
  assert.equal(held.body.error.code, 'undeclared_phi');
  for (const name of NAMES) assert.ok(held.headers.has(name), name);
  const denied = await world.ask('a cough', { headers: { 'x-stewardgate-purpose': 'HMARKT' } });
  assert.equal(denied.body.error.code, 'policy_denied');
  for (const name of NAMES) assert.ok(!denied.headers.has(name), name);
});

test('while the model is given a rest, callers are told how long; a failure without a known end says nothing', async () => {
  for (const [wait, expected] of [
    [{ retryAfterMs: 12_300 }, ['13', '12300']],
    [{}, [null, null]],
  ] as const) {
    const broken = {
      ask: () => Promise.reject(new Problem('upstream_error', wait)),
      isReady: () => true,
    };
    const url = await world.serveWith((doors) => ({
      ...doors,
      house: { ...doors.house, upstream: { ...doors.house.upstream, ...broken } },
    }));
    const reply = await ask({ url, key: keyOf(world.demo, 'northwind') }, 'a cough');
    assert.equal(reply.status, 502);
    assert.deepEqual([reply.headers.get('retry-after'), reply.headers.get('retry-after-ms')], expected);
    assert.equal(reply.headers.get('x-should-retry'), null);
  }
});
