import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import type { ModelVersion } from '../../gateway/core/models/catalogue.ts';
import type { Capability } from '../../gateway/domain/vocabulary.ts';
import { ask } from '../support/ask.ts';
import { newPartner } from '../support/steward.ts';
import { keyOf, openWorld, type World } from '../world.ts';

let world: World;
before(async () => {
  world = await openWorld();
});
after(() => world[Symbol.asyncDispose]());

/** A gateway whose versions can do what is said here; one that is not named can do both. */
function serving(able: Readonly<Record<string, readonly Capability[]>>): Promise<string> {
  const told = (version: ModelVersion) => ({
    ...version,
    capabilities: able[version.id] ?? version.capabilities,
  });
  return world.serveWith((doors) => {
    const versions = () => doors.house.models.versions().map(told);
    return { ...doors, house: { ...doors.house, models: { versions } } };
  });
}

const northwind = () => keyOf(world.demo, 'northwind');
const embedsOnly: readonly Capability[] = ['embeddings'];

test('a version that cannot do what is asked is refused by name, and the model is not asked', async () => {
  const url = await serving({ 'mayo-cr-1': embedsOnly });
  const before = world.callsToModel().length;
  const reply = await ask({ url, key: northwind() }, { model: 'mayo-cr-1' });
  const { code, param } = reply.body.error;
  assert.deepEqual([reply.status, code, param], [400, 'invalid_parameter', 'model']);
  const records = await world.recordsOf(reply.id);
  assert.deepEqual(
    records.map(({ phase, eventType }) => [phase, eventType]),
    [['single', 'request.invalid']],
  );
  assert.equal(world.callsToModel().length, before);
});

test('a bare name means a version that can do what is asked, even beside a pin to one that cannot', async () => {
  const { key } = await newPartner(world, { pinned: 'mayo-cr-1' });
  const reply = await ask({ url: await serving({ 'mayo-cr-1': embedsOnly }), key }, 'a cough');
  assert.deepEqual([reply.status, reply.body.model], [200, 'mayo-cr-2']);
});

test('whether a hidden version could do it is not to be told from the answer', async () => {
  const others = { 'mayo-cr-0': embedsOnly, 'mayo-cr-1': embedsOnly, 'mayo-cr-2': embedsOnly };
  const able = await serving(others);
  const unable = await serving({ ...others, 'mayo-cr-3': embedsOnly });
  const bare = (text: string) => text.replaceAll(/(req|dec)_[0-9a-f-]{36}/g, '$1');
  for (const [model, status] of [
    ['mayo-cr', 400],
    ['mayo-cr-3', 404],
  ] as const) {
    const replies = await Promise.all(
      [able, unable].map((url) => ask({ url, key: keyOf(world.demo, 'lakeside') }, { model })),
    );
    const [one, other] = replies.map((reply) => [reply.status, bare(reply.text)]);
    assert.deepEqual(one, other, model);
    assert.equal(one?.[0], status, model);
  }
});

test('the list of models says what each can be asked for, and a bare name can do what any of its versions can', async () => {
  const url = await serving({ 'mayo-cr-1': embedsOnly, 'mayo-cr-2': ['chat'] });
  const response = await fetch(`${url}/v1/models`, { headers: { 'api-key': northwind() } });
  const { data } = (await response.json()) as {
    readonly data: readonly { id: string; stewardgate: { capabilities: string[] } }[];
  };
  assert.deepEqual(Object.fromEntries(data.map(({ id, stewardgate }) => [id, stewardgate.capabilities])), {
    'mayo-cr-1': ['embeddings'],
    'mayo-cr-2': ['chat'],
    'mayo-cr': ['chat', 'embeddings'],
  });
});
