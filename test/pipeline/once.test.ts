import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { after, before, test } from 'node:test';
import { count } from 'drizzle-orm';
import { forgetReplays, freeRunning } from '../../gateway/adapters/postgres/replay-sweep.ts';
import { idempotency } from '../../gateway/adapters/postgres/schema/idempotency.ts';
import { LEASE_MS } from '../../gateway/core/replay/claims.ts';
import { WaitingRoom } from '../../gateway/core/replay/waiting-room.ts';
import { Problem } from '../../gateway/domain/problem.ts';
import type { House } from '../../gateway/pipeline/house.ts';
import { journey } from '../../gateway/pipeline/journey.ts';
import type { Answer } from '../../gateway/pipeline/settle.ts';
import { type HeldClock, heldClock } from '../support/held-clock.ts';
import { answerTo, heldRequest } from '../support/request.ts';
import { act, newPartner } from '../support/steward.ts';
import { until } from '../support/until.ts';
import { keyOf, openWorld, type World } from '../world.ts';

const RETENTION_MS = 600_000;

let world: World;
let clock: HeldClock;
before(async () => {
  clock = heldClock();
  world = await openWorld({ clock });
  assert.ok(await until(() => world.gateway.doors.house.models.versions().length > 0));
});
after(() => world[Symbol.asyncDispose]());

/** The house, whose duplicates do not wait unless the test wants them to. */
const houseWith = (replays: Partial<House['replays']> = {}): House => {
  const { house } = world.gateway.doors;
  return { ...house, replays: { ...house.replays, waitMsMax: 0, ...replays } };
};

function send(house: House, name: string, key = keyOf(world.demo, 'northwind')) {
  const { entry, request } = heldRequest(house, key, 'a cough', name);
  return { entry, answer: journey(house, entry, request) };
}

async function begin(house: House, name: string): Promise<Answer> {
  const { entry, request } = heldRequest(house, keyOf(world.demo, 'northwind'), 'a cough', name);
  return answerTo(house, entry, request);
}

/** Reads the answer to its end and keeps this text of it, as whoever writes it does. */
async function finish(answer: Answer, text = 'Rest and fluids.'): Promise<void> {
  for await (const batch of answer.batches) assert.ok(batch.length > 0);
  answer.key?.add(text);
  await answer.key?.keep({ status: 200, headers: {} });
}

const refusedAs = (code: string) => (thrown: unknown) => thrown instanceof Problem && thrown.code === code;
const rowCount = async () =>
  (await world.gateway.database.handle.select({ rows: count() }).from(idempotency))[0]?.rows ?? 0;

test('a request that died holds its key until its lease is over, and then one duplicate may ask', async () => {
  const [house, name] = [houseWith(), randomUUID()];
  await begin(house, name); // and is never read: as if its process had died
  clock.advance(LEASE_MS - 1);
  await assert.rejects(send(house, name).answer, refusedAs('duplicate_request'));
  clock.advance(1);
  const later = await Promise.allSettled([send(house, name).answer, send(house, name).answer]);
  assert.deepEqual(later.map(({ status }) => status).toSorted(), ['fulfilled', 'rejected']);
});

test('who lost its key to another changes nothing any more', async () => {
  const [house, name] = [houseWith(), randomUUID()];
  const slow = await begin(house, name);
  clock.advance(LEASE_MS);
  const next = await begin(house, name);
  await finish(slow, 'from the slow one');
  await slow.key?.release();
  await assert.rejects(send(house, name).answer, refusedAs('duplicate_request'));
  await finish(next, 'from the next one');
  const repeat = await send(house, name).answer;
  assert.ok(repeat.isRepeat && repeat.answer.body === 'from the next one');
});

test('a kept answer is there until its retention is over, and then the request is new', async () => {
  const [house, name] = [houseWith({ retentionMs: RETENTION_MS }), randomUUID()];
  await finish(await begin(house, name));
  clock.advance(RETENTION_MS - 1);
  assert.ok((await send(house, name).answer).isRepeat);
  clock.advance(1);
  const anew = await send(house, name).answer;
  assert.ok(!anew.isRepeat);
  await finish(anew);
});

test('rows whose time is over are deleted, and no others', async () => {
  const house = houseWith({ retentionMs: RETENTION_MS });
  clock.advance(RETENTION_MS * 2);
  await forgetReplays(world.gateway.database, clock.now());
  assert.equal(await rowCount(), 0);
  for (let at = 0; at < 8; at += 1) await finish(await begin(house, `old-${at}`));
  clock.advance(RETENTION_MS / 2);
  await finish(await begin(house, 'young'));
  clock.advance(RETENTION_MS / 2);
  assert.equal(await forgetReplays(world.gateway.database, clock.now()), 8);
  assert.equal(await rowCount(), 1);
});

test('what ran when embedded storage was closed is free again when it is opened', async () => {
  const [house, name] = [houseWith(), randomUUID()];
  await begin(house, name);
  await finish(await begin(house, `${name}-finished`));
  await freeRunning(world.gateway.database);
  assert.ok(!(await send(house, name).answer).isRepeat);
  assert.ok((await send(house, `${name}-finished`).answer).isRepeat);
});

test('an answer of 1 MiB is repeated; of a longer one it is only known that it was given', async () => {
  const house = houseWith();
  for (const [bytes, isKept] of [
    [1_048_576, true],
    [1_048_577, false],
  ] as const) {
    const name = randomUUID();
    await finish(await begin(house, name), 'x'.repeat(bytes));
    const repeat = await send(house, name).answer.catch((problem: unknown) => problem);
    if (isKept) assert.ok((repeat as Answer).isRepeat);
    else assert.ok(refusedAs('duplicate_request')(repeat));
  }
});

test('a reader that stops in the midst of an answer gives the key back', async () => {
  const [house, name] = [houseWith(), randomUUID()];
  const answer = await begin(house, name);
  await answer.batches.next();
  await answer.batches.return(undefined);
  assert.ok(!(await send(house, name).answer).isRepeat);
});

test('a duplicate is given the place of a request that ended without an answer', async () => {
  const [house, name] = [houseWith({ waitMsMax: 10_000 }), randomUUID()];
  const first = await begin(house, name);
  const second = send(house, name);
  await first.batches.next();
  await first.batches.return(undefined);
  assert.ok(!(await second.answer).isRepeat);
});

test('more duplicates of one client than there are seats do not wait', async () => {
  const [house, name] = [houseWith({ waitMsMax: 10_000, waiting: new WaitingRoom(1) }), randomUUID()];
  const first = await begin(house, name);
  const waiting = [send(house, name), send(house, name)].map(({ answer }) => answer);
  await assert.rejects(
    Promise.race(waiting.map((one) => one.then(() => {}))),
    refusedAs('duplicate_request'),
  );
  await finish(first);
  const ends = await Promise.allSettled(waiting);
  assert.deepEqual(ends.map(({ status }) => status).toSorted(), ['fulfilled', 'rejected']);
});

test('a duplicate that waits is refused when its key is revoked meanwhile', async () => {
  const [house, name] = [houseWith({ waitMsMax: 20_000 }), randomUUID()];
  const partner = await newPartner(world);
  assert.ok(!(await send(house, name, partner.key).answer).isRepeat);
  const second = send(house, name, partner.key);
  const refused = assert.rejects(second.answer, refusedAs('invalid_api_key'));
  await act(world, 'owner', `POST /admin/v1/keys/${partner.keyId}/revoke`);
  await refused;
  assert.ok(await until(async () => (await world.recordsOf(second.entry.requestId)).length === 1));
});

test('a duplicate waits no longer than the gateway goes on', async () => {
  const [house, name] = [houseWith({ waitMsMax: 20_000 }), randomUUID()];
  await begin(house, name);
  const { entry, request, cancel } = heldRequest(house, keyOf(world.demo, 'northwind'), 'a cough', name);
  const refused = assert.rejects(journey(house, entry, request), refusedAs('service_unavailable'));
  cancel(new Problem('service_unavailable'));
  await refused;
});
