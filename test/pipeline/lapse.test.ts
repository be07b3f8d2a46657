import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import type { ReplyEvent, UpstreamModel } from '../../gateway/core/models/upstream.ts';
import { Problem } from '../../gateway/domain/problem.ts';
import { replyOf } from '../support/reply.ts';
import { answerTo, heldRequest } from '../support/request.ts';
import { act, newPartner } from '../support/steward.ts';
import { until } from '../support/until.ts';
import { openWorld, type World } from '../world.ts';

// The model of these tests is silent for longer than a test may take: only giving up on it can end a call.
let world: World;
before(async () => {
  world = await openWorld({ fixtures: { silent: { content: 'late', stallMs: 120_000 } } });
});
after(() => world[Symbol.asyncDispose]());

const isAsked = (count: number) => until(() => world.callsToModel().length >= count);

test('a tenant that is suspended while the model is silent gets its refusal, recorded and not billed', async () => {
  const partner = await newPartner(world);
  const before = world.callsToModel().length;
  const answer = world.ask('SIMULATE silent', { key: partner.key });
  await isAsked(before + 1);
  await act(world, 'owner', `POST /admin/v1/tenants/${partner.tenant}/suspend`);
  const { status, body, id } = await answer;
  assert.deepEqual([status, body.error.code], [403, 'tenant_suspended']);
  const records = await world.recordsOf(id);
  assert.deepEqual(
    records.map(({ phase, outcome }) => [phase, outcome]),
    [
      ['decided', null],
      ['completed', 'denied'],
    ],
  );
});

test('a key that is revoked while the model is silent is refused as any revoked key', async () => {
  const partner = await newPartner(world);
  const before = world.callsToModel().length;
  const answer = world.ask('SIMULATE silent', { key: partner.key });
  await isAsked(before + 1);
  await act(world, 'owner', `POST /admin/v1/keys/${partner.keyId}/revoke`);
  const { status, body } = await answer;
  assert.deepEqual([status, body.error.code], [401, 'invalid_api_key']);
});

test('a stream that has begun breaks off when its tenant is suspended, also between two words', async () => {
  const partner = await newPartner(world);
  const upstream: UpstreamModel = {
    ...world.gateway.doors.house.upstream,
    ask: async (_, signal) => replyOf(oneWord(signal)),
  };
  const house = { ...world.gateway.doors.house, upstream };
  const { entry, request } = heldRequest(house, partner.key, 'a cough');
  const { batches } = await answerTo(house, entry, request);
  await batches.next();
  await act(world, 'owner', `POST /admin/v1/tenants/${partner.tenant}/suspend`);
  await assert.rejects(
    batches.next(),
    (thrown) => thrown instanceof Problem && thrown.code === 'tenant_suspended',
  );
});

async function* oneWord(signal: AbortSignal): AsyncGenerator<readonly ReplyEvent[]> {
  yield [
    { kind: 'text', choice: 0, field: 'content', text: 'Rest and fluids are enough for now, and then. ' },
  ];
  await new Promise((_, reject) =>
    signal.addEventListener('abort', () => reject(signal.reason), { once: true }),
  );
}
