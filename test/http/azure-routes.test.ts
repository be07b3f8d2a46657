import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { AzureOpenAI } from 'openai';
import request from 'supertest';
import { keyOf, openWorld, type World } from '../world.ts';

let world: World;
before(async () => {
  world = await openWorld();
});
after(() => world[Symbol.asyncDispose]());

const VERSION = 'api-version=2024-10-21';
const QUESTION = { messages: [{ role: 'user', content: 'Adult with new hypertension: what next?' }] };

function post(path: string, body: object, tenant = 'northwind') {
  return request(world.url).post(path).set('api-key', keyOf(world.demo, tenant)).send(body);
}
const deployment = (name: string, query = VERSION) =>
  `/openai/deployments/${name}/chat/completions${query === '' ? '' : `?${query}`}`;

test('the path names the model, with or without the same in the body', async () => {
  for (const body of [{}, { model: 'mayo-cr-1' }, { model: 'mayo-cr' }, { model: 'mayo-cr-2' }]) {
    const reply = await post(deployment('mayo-cr-1'), { ...QUESTION, ...body });
    assert.deepEqual([reply.status, reply.body.model], [200, 'mayo-cr-1'], JSON.stringify(body));
  }
  const bare = await post(deployment('mayo-cr'), { ...QUESTION, model: 'mayo-cr-2' });
  assert.deepEqual([bare.status, bare.body.model], [200, 'mayo-cr-1']);
});

test('a body that names another model than the path is refused, and one that is hidden no differently', async () => {
  const codes = ['other', 'mayo-cr-9', 'mayo-cr-3'].map(async (model) => {
    const reply = await post(deployment('mayo-cr-1'), { ...QUESTION, model });
    const record = (await world.recordsOf(reply.headers['x-request-id'] ?? ''))[0];
    return [reply.status, reply.body.error.code, reply.body.error.param, record?.errorCode];
  });
  for (const row of await Promise.all(codes))
    assert.deepEqual(row, [400, 'invalid_parameter', 'model', 'invalid_parameter']);
});

test('a deployment that is none is a model that does not exist', async () => {
  for (const name of [
    'mayo-cr-3',
    '..%2f..%2fadmin',
    '%2e%2e',
    'x%3fevil=1',
    'x%23f',
    '%c3%bcmlaut',
    '%00',
  ]) {
    const reply = await post(deployment(name), QUESTION);
    assert.deepEqual([reply.status, reply.body.error.code], [404, 'model_not_found'], name);
  }
  assert.deepEqual(world.callsToModel().length, 5);
});

test('an api-version is one of the known ones, once, and must be said where the path needs it', async () => {
  const bad = ['', 'api-version=2019-01-01', `${VERSION}&${VERSION}`, 'api-version[]=v1', 'api-version='];
  for (const query of bad) {
    const reply = await post(deployment('mayo-cr-1', query), QUESTION);
    assert.deepEqual([reply.status, reply.body.error.code], [400, 'unsupported_api_version'], query);
  }
  const asked = { ...QUESTION, model: 'mayo-cr' };
  for (const base of ['/v1', '/openai/v1', '/openai']) {
    const unknown = await post(`${base}/chat/completions?api-version=1066-10-14`, asked);
    assert.equal(unknown.body.error?.code, 'unsupported_api_version', base);
    for (const query of ['', '?api-version=preview', `?${VERSION}`])
      assert.equal((await post(`${base}/chat/completions${query}`, asked)).status, 200, base + query);
  }
});

test('the stock AzureOpenAI class asks by deployment, streams, and lists models', async () => {
  const client = new AzureOpenAI({
    baseURL: `${world.url}/openai`,
    apiKey: keyOf(world.demo, 'northwind'),
    apiVersion: '2024-10-21',
    maxRetries: 0,
  });
  const messages = [{ role: 'user' as const, content: 'Adult with new hypertension: what next?' }];
  const whole = await client.chat.completions.create({ model: 'mayo-cr-1', messages });
  const stream = await client.chat.completions.create({ model: 'mayo-cr-1', messages, stream: true });
  let text = '';
  for await (const chunk of stream) text += chunk.choices[0]?.delta.content ?? '';
  assert.equal(text, whole.choices[0]?.message.content);
  const ids = [];
  for await (const model of client.models.list()) ids.push(model.id);
  assert.ok(ids.includes('mayo-cr-1'));
});

test('the route of the retired inference SDK is there only where it was switched on', async () => {
  const path = '/models/chat/completions?api-version=2024-05-01-preview';
  const asked = { ...QUESTION, model: 'mayo-cr' };
  assert.equal((await post(path, asked)).body.error.code, 'not_found');
  const url = await world.serveWith((doors) => ({
    ...doors,
    settings: { ...doors.settings, legacyModelsRoute: true },
  }));
  const reply = await request(url).post(path).set('api-key', keyOf(world.demo, 'northwind')).send(asked);
  assert.deepEqual([reply.status, reply.body.object], [200, 'chat.completion']);
});
