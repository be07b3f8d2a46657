import assert from 'node:assert/strict';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { after, before, test } from 'node:test';
import { createApp } from '../../gateway/http/app.ts';
import { createBoundedServer, drain } from '../../gateway/http/server.ts';
import { Traffic } from '../../gateway/http/traffic.ts';
import { ask } from '../support/ask.ts';
import { readStream } from '../support/sse.ts';
import { until } from '../support/until.ts';
import { keyOf, openWorld, type World } from '../world.ts';

const FIXTURES = {
  silent: { content: 'never heard', stallMs: 60_000 },
  halting: { chunks: ['The first words are here, ', 'and then nothing more.'], stallMs: 8_000 },
};

let world: World;
before(async () => {
  world = await openWorld({ fixtures: FIXTURES });
});
after(() => world[Symbol.asyncDispose]());

test('an answer that outlasts the patience of a stopping gateway is broken off in words, metered and recorded', async () => {
  const doors = { ...world.gateway.doors, traffic: new Traffic() };
  const server = createBoundedServer(doors, createApp(doors));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const as = { url, key: keyOf(world.demo, 'northwind') };
  const [whole, stream] = [
    ask(as, 'SIMULATE silent'),
    ask(as, { content: 'SIMULATE halting', stream: true }),
  ];
  assert.ok(await until(() => world.callsToModel().length === 2));
  await drain(server, doors.traffic, { answersMs: 200, endingsMs: 5_000 });
  const refused = await whole;
  assert.deepEqual([refused.status, refused.body.error.code], [503, 'service_unavailable']);
  const broken = await stream;
  if (broken.status === 200) {
    const { isDone } = readStream(broken.text);
    assert.equal(isDone, false);
    assert.match(broken.text, /"code":"service_unavailable"/);
  } else assert.equal(broken.body.error.code, 'service_unavailable');
  for (const { id } of [refused, broken]) {
    const records = await world.recordsOf(id);
    assert.deepEqual(
      records.map(({ phase }) => phase),
      ['decided', 'completed'],
    );
    assert.equal(records[1]?.errorCode, 'service_unavailable');
    assert.equal((await world.usageOf(id)).length, 1);
  }
});
