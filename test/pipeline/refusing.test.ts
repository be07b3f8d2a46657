import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import type { AuditRecord } from '../../gateway/core/ledger/audit-record.ts';
import type { Ledger } from '../../gateway/core/ledger/ledger.ts';
import { at } from '../../gateway/domain/clock.ts';
import { Problem } from '../../gateway/domain/problem.ts';
import { guardAgainstFloods } from '../../gateway/upkeep.ts';
import { ask } from '../support/ask.ts';
import { keptLog } from '../support/silent-log.ts';
import { newPartner } from '../support/steward.ts';
import { until } from '../support/until.ts';
import { keyOf, openWorld, type World } from '../world.ts';

let world: World;
before(async () => {
  world = await openWorld({
    fixtures: { short: { content: 'Rest.' }, slow: { content: 'Rest.', stallMs: 30_000 } },
  });
});
after(() => world[Symbol.asyncDispose]());

test('a ledger that does not answer is waited for once: its refusal is not held up by the next append', async () => {
  const appended: AuditRecord[] = [];
  const ledger: Ledger = {
    isReady: () => true,
    append: (record) => {
      appended.push(record);
      return appended.length === 1 ? Promise.reject(new Problem('audit_unavailable')) : new Promise(() => {});
    },
  };
  const url = await world.serveWith((doors) => ({ ...doors, house: { ...doors.house, ledger } }));
  const reply = await ask({ url, key: keyOf(world.demo, 'northwind') }, 'a cough');
  assert.deepEqual([reply.status, reply.body.error.code], [503, 'audit_unavailable']);
  assert.deepEqual(
    appended.map(({ phase }) => phase),
    ['decided', 'completed'],
  );
});

test('the allowance is charged with the true figure, whatever was reserved', async () => {
  const { key } = await newPartner(world);
  const question = { content: 'SIMULATE short', max_completion_tokens: 900 };
  const [first, second] = [await world.ask(question, { key }), await world.ask(question, { key })];
  const left = (reply: typeof first) => Number(reply.headers.get('x-ratelimit-remaining-tokens'));
  assert.equal(left(first) - left(second), first.body.usage.total_tokens);
});

test('a caller that leaves before the first word is metered by its prompt, and its allowance is charged', async () => {
  const { key } = await newPartner(world);
  const leaving = new AbortController();
  const asked = world.callsToModel().length;
  const content = `SIMULATE slow\n${'a long prompt about a cough '.repeat(40)}`;
  const reply = world.ask({ content }, { key, signal: leaving.signal });
  assert.ok(await until(() => world.callsToModel().length === asked + 1));
  leaving.abort();
  await assert.rejects(reply);
  const id = world.callsToModel().at(-1) ?? '';
  assert.ok(await until(async () => (await world.usageOf(id)).length === 1));
  const [line] = await world.usageOf(id);
  assert.deepEqual([line?.source, line?.outcome, line?.tokensOut], ['estimated', 'client_aborted', 0]);
  assert.ok((line?.tokensIn ?? 0) > 200);
  const completed = (await world.recordsOf(id))[1];
  assert.deepEqual([completed?.tokensIn, completed?.body.usage?.source], [line?.tokensIn, 'estimated']);
});

test('what a flood was counted at survives a ledger that refuses, and is recorded when it takes records again', async () => {
  const taken: AuditRecord[] = [];
  let isDown = true;
  const ledger: Ledger = {
    isReady: () => true,
    append: async (record) => {
      if (isDown) throw new Problem('audit_unavailable');
      taken.push(record);
    },
  };
  const { ids, origin } = world.gateway.doors.house;
  let now = at(1_000_000);
  const clock = { now: () => now };
  test.mock.timers.enable({ apis: ['setInterval'] });
  {
    await using stack = new AsyncDisposableStack();
    const desk = guardAgainstFloods({ clock, ids, ledger, origin, stack, log: keptLog() });
    for (let n = 0; n < 500; n += 1)
      desk.deservesOwnRecord({ address: `203.0.113.${n % 200}` }, 'invalid_json');
    for (let n = 0; n < 500; n += 1) desk.deservesOwnRecord({ address: '198.51.100.1' }, 'invalid_json');
    now = at(1_100_000);
    test.mock.timers.tick(5_000);
    await new Promise((resolve) => setImmediate(resolve));
    isDown = false;
  }
  test.mock.timers.reset();
  assert.equal(
    taken.reduce((sum, { body }) => sum + (body.count ?? 0), 0),
    480,
  );
});
