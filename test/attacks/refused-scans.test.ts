import assert from 'node:assert/strict';
import { test } from 'node:test';
import { keyOf, openWorld } from '../world.ts';

test('a prompt refused for what it holds counts against the allowance, and nobody is billed for it', async () => {
  await using world = await openWorld();
  const key = keyOf(world.demo, 'lakeside');
  const tokensLeft = async () =>
    Number((await world.ask('a cough', { key })).headers.get('x-ratelimit-remaining-tokens'));
  const before = await tokensLeft();
  const refused = await world.ask(`${'Stable overnight. '.repeat(20_000)} SSN 536-22-8718`, { key });
  assert.equal(refused.body.error.code, 'undeclared_phi');
  assert.ok(before - (await tokensLeft()) >= 80_000);
  assert.equal((await world.usageOf(refused.id)).length, 0);
});
