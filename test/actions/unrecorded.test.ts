import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { Problem } from '../../gateway/domain/problem.ts';
import { openWorld, type World } from '../world.ts';

let world: World;
before(async () => {
  world = await openWorld();
});
after(() => world[Symbol.asyncDispose]());

test('an act whose record could not be stored has not happened, and its refusal is on record', async () => {
  const url = await world.serveWith((doors) => ({
    ...doors,
    office: {
      ...doors.office,
      change: (work) =>
        doors.office.change(async (desk) => {
          await work(desk);
          throw new Problem('service_unavailable');
        }),
    },
  }));
  const reply = await fetch(`${url}/admin/v1/tenants/northwind/suspend`, {
    method: 'POST',
    headers: { 'api-key': world.demo.operators.owner.apiKey },
  });
  assert.equal(reply.status, 503);
  const records = await world.recordsOf(reply.headers.get('x-request-id') ?? '');
  assert.deepEqual(
    records.map(({ phase, errorCode }) => [phase, errorCode]),
    [['single', 'service_unavailable']],
  );
  assert.equal((await world.ask('a cough')).status, 200);
});
