import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { answer, json, type ScriptedHost, scriptedHost } from '../adapters/upstream/scripted-host.ts';
import { dataUrl, JPEG, png, pngChunk } from '../support/pictures.ts';
import { keyOf, openWorld, type World } from '../world.ts';

let host: ScriptedHost;
let world: World;
before(async () => {
  host = await scriptedHost(json(200, answer('A wrist.')));
  world = await openWorld({
    environment: {
      MODEL_UPSTREAM: 'openai',
      MODEL_UPSTREAM_URL: host.baseUrl,
      MODEL_UPSTREAM_API_KEY: 'invented',
    },
  });
});
after(async () => {
  await world[Symbol.asyncDispose]();
  await host[Symbol.asyncDispose]();
});

const PNG = dataUrl(png(8, 8), 'image/png');
const text = (said: string) => ({ type: 'text', text: said });
const image = (url: string, more: object = {}) => ({ type: 'image_url', image_url: { url, ...more } });
const shows = (...content: readonly object[]) => ({
  model: 'mayo-cr-3',
  messages: [{ role: 'user', content }],
});

/** A clinician of the owner's, on the internal version, with identified data: the one place where pictures may be sent. */
const clinician = () => ({
  key: keyOf(world.demo, 'mayo'),
  headers: { 'x-stewardgate-user': 'clinician-1', 'x-stewardgate-data-class': 'phi' },
});

test('where policy grants it, pictures reach the model as they are, after the text, and are counted', async () => {
  const jpeg = dataUrl(JPEG, 'image/jpeg');
  const question = shows(text('What is'), image(PNG, { detail: 'low' }), text('this?'), image(jpeg));
  const reply = await world.ask(question, clinician());
  assert.equal(reply.status, 200, reply.text);
  const seen = host.seen.at(-1)?.body.messages as readonly { content: unknown }[] | undefined;
  assert.deepEqual(seen?.[1]?.content, [text('What is\nthis?'), image(PNG, { detail: 'low' }), image(jpeg)]);
  const [record] = await world.recordsOf(reply.id);
  assert.deepEqual([record?.body.images, record?.body.obligations?.images], [2, 'allow']);
});

test('without a grant a picture is denied by policy, on record, and the model is not asked', async () => {
  const asked = host.seen.length;
  const everyone = [
    { ...clinician(), headers: { 'x-stewardgate-user': 'clinician-1' } },
    { key: keyOf(world.demo, 'northwind') },
    { key: keyOf(world.demo, 'northwind'), headers: { 'x-stewardgate-data-class': 'phi' } },
    { key: keyOf(world.demo, 'summit') },
  ];
  for (const [at, as] of everyone.entries()) {
    const model = at < 1 ? 'mayo-cr-3' : 'mayo-cr-1';
    const reply = await world.ask({ ...shows(image(PNG)), model }, as);
    assert.deepEqual([reply.status, reply.body.error.code], [403, 'policy_denied'], reply.text);
    assert.deepEqual(reply.body.error.inner_error.reasons, ['images_not_allowed']);
    const [record, ...more] = await world.recordsOf(reply.id);
    assert.deepEqual(more, []);
    assert.deepEqual(
      [record?.eventType, record?.decision, record?.reasonCode, record?.body.images],
      ['policy.denied', 'deny', 'images_not_allowed', 1],
    );
  }
  assert.equal(host.seen.length, asked);
});

for (const url of [
  'https://images.example/a.png',
  'http://127.0.0.1/a.png',
  'file:///etc/hostname',
  'ftp://images.example/a',
  '//images.example/a',
  'a.png',
]) {
  test(`what would have to be fetched is refused, for everybody: ${url}`, async () => {
    for (const as of [clinician(), { key: keyOf(world.demo, 'northwind') }]) {
      const reply = await world.ask(shows(image(url)), as);
      assert.deepEqual([reply.status, reply.body.error.code], [400, 'remote_url_not_allowed']);
      assert.equal(reply.body.error.param, 'messages.0');
      assert.ok(!reply.text.includes('images.example'));
    }
  });
}

const notAnImage = (text: string) => `data:image/png;base64,${text}`;
const REFUSED: readonly (readonly [what: string, reason: string, parts: readonly object[]])[] = [
  ['another kind of data', 'image_type', [image('data:image/svg+xml;base64,PHN2Zy8+')]],
  ['data of no declared kind', 'image_type', [image('data:,x')]],
  ['text that is no base64', 'image_type', [image(notAnImage('%%%'))]],
  ['base64 that is cut short', 'image_type', [image(notAnImage('iVBOR'))]],
  ['base64 in lines', 'image_type', [image(PNG.replace('AAAA', 'AA\nAA'))]],
  ['a JPEG that is called a PNG', 'image_type', [image(dataUrl(JPEG, 'image/png'))]],
  ['a picture that is too wide', 'image_size', [image(dataUrl(png(4_097, 1), 'image/png'))]],
  [
    'a picture with words in it',
    'image_metadata',
    [image(dataUrl(png(8, 8, [pngChunk('tEXt', Buffer.from('Name\0Quillan Ashdown'))]), 'image/png'))],
  ],
  ['five pictures', 'image_count', Array.from({ length: 5 }, () => image(PNG))],
];

for (const [what, reason, parts] of REFUSED) {
  test(`refused where pictures may be sent, and the reason is said without repeating anything: ${what}`, async () => {
    const asked = host.seen.length;
    const reply = await world.ask(shows(...parts), clinician());
    assert.deepEqual([reply.status, reply.body.error.code], [400, 'invalid_parameter'], reply.text);
    assert.deepEqual(reply.body.error.inner_error.reasons, [reason]);
    assert.doesNotMatch(reply.text, /base64|Ashdown/);
    assert.equal(host.seen.length, asked);
  });
}

test('a picture is a user’s: in any other role, and as a tool’s result, it is refused', async () => {
  for (const role of ['system', 'developer', 'assistant', 'tool']) {
    const message = { role, content: [image(PNG)], ...(role === 'tool' ? { tool_call_id: 'call_1' } : {}) };
    const reply = await world.ask({ model: 'mayo-cr-3', messages: [message] }, clinician());
    assert.deepEqual([reply.status, reply.body.error.code], [400, 'invalid_parameter']);
  }
});
