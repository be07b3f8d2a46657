import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import OpenAI, { AzureOpenAI, BadRequestError, NotFoundError, RateLimitError } from 'openai';
import request from 'supertest';
import { embed, numbersOf } from '../support/embed.ts';
import { keyOf, openWorld, type World } from '../world.ts';

let world: World;
before(async () => {
  world = await openWorld({
    fixtures: { busy: { status: 429 }, filtered: { status: 400, error: 'content_filter' } },
  });
});
after(() => world[Symbol.asyncDispose]());

const as = (tenant: string) => ({ url: world.url, key: keyOf(world.demo, tenant) });

function sdk(): OpenAI {
  return new OpenAI({ apiKey: keyOf(world.demo, 'northwind'), baseURL: `${world.url}/v1`, maxRetries: 0 });
}

test('a partner with its key and no other header gets a vector for each text', async () => {
  const { status, headers, body, text } = await embed(as('northwind'), { input: ['a cough', 'a rash'] });
  assert.equal(status, 200, text);
  assert.deepEqual([body.object, body.model], ['list', 'mayo-cr-1']);
  assert.deepEqual(
    body.data.map(({ object, index, embedding }) => [object, index, embedding.length]),
    [
      ['embedding', 0, 256],
      ['embedding', 1, 256],
    ],
  );
  assert.deepEqual(body.usage, { prompt_tokens: 4, total_tokens: 4 });
  assert.equal(headers.get('x-stewardgate-model-version'), 'mayo-cr-1');
  assert.equal(headers.get('x-stewardgate-redactions'), '0');
  assert.equal(headers.get('x-stewardgate-decision-id'), body.stewardgate.decision_id);
  assert.equal(headers.get('x-ratelimit-limit-requests'), '600');
});

test('a stock client, which asks for base64 unless told, decodes the numbers that floats give', async () => {
  const ask = { model: 'mayo-cr', input: ['a cough', 'a rash'], dimensions: 64 };
  const usual = await sdk().embeddings.create(ask);
  const floats = await sdk().embeddings.create({ ...ask, encoding_format: 'float' });
  assert.deepEqual(
    usual.data.map(({ embedding }) => Array.from(embedding)),
    floats.data.map(({ embedding }) => embedding),
  );
  assert.equal(floats.data[0]?.embedding.length, 64);
  assert.deepEqual(usual.usage, floats.usage);
});

test('base64 holds the very numbers that floats give', async () => {
  const [float, base64] = await Promise.all(
    ['float', 'base64'].map((encoding_format) => embed(as('northwind'), { encoding_format })),
  );
  assert.equal(typeof base64?.body.data[0]?.embedding, 'string');
  assert.deepEqual(numbersOf(base64?.body.data[0]?.embedding), float?.body.data[0]?.embedding);
});

test('a stock client is told of refusals in its own errors', async () => {
  const { embeddings } = sdk();
  const create = (more: object) => embeddings.create({ model: 'mayo-cr', input: 'a cough', ...more }).then();
  await assert.rejects(create({ model: 'mayo-cr-3' }), NotFoundError);
  await assert.rejects(create({ input: [1_212, 318] }), BadRequestError);
  await assert.rejects(create({ input: 'SIMULATE busy' }), RateLimitError);
  await assert.rejects(
    create({ input: 'SIMULATE filtered' }),
    (thrown) => thrown instanceof BadRequestError && thrown.code === 'content_filter',
  );
});

test('the stock AzureOpenAI class asks by deployment', async () => {
  const client = new AzureOpenAI({
    endpoint: world.url,
    apiKey: keyOf(world.demo, 'northwind'),
    apiVersion: '2024-10-21',
    deployment: 'mayo-cr-1',
    maxRetries: 0,
  });
  const { model, data } = await client.embeddings.create({ model: 'mayo-cr', input: 'a cough' });
  assert.deepEqual([model, data[0]?.embedding.length], ['mayo-cr-1', 256]);
});

function post(url: string, path: string, body: object) {
  return request(url).post(path).set('api-key', keyOf(world.demo, 'northwind')).send(body);
}

test('the same answer stands under every prefix, and by deployment the path wins over the body', async () => {
  for (const base of ['/v1', '/openai/v1', '/openai']) {
    const reply = await post(world.url, `${base}/embeddings`, { model: 'mayo-cr', input: 'a cough' });
    assert.deepEqual([reply.status, reply.body.object], [200, 'list'], base);
  }
  const path = '/openai/deployments/mayo-cr-1/embeddings';
  for (const body of [{}, { model: 'mayo-cr' }, { model: 'mayo-cr-2' }]) {
    const reply = await post(world.url, `${path}?api-version=2024-10-21`, { input: 'a cough', ...body });
    assert.deepEqual([reply.status, reply.body.model], [200, 'mayo-cr-1'], JSON.stringify(body));
  }
  const other = { input: 'a cough', model: 'other' };
  const mismatch = await post(world.url, `${path}?api-version=2024-10-21`, other);
  assert.deepEqual([mismatch.status, mismatch.body.error.param], [400, 'model']);
  const unversioned = await post(world.url, path, { input: 'a cough' });
  assert.deepEqual([unversioned.status, unversioned.body.error.code], [400, 'unsupported_api_version']);
});

test('the route of the retired inference SDK is there only where it was switched on', async () => {
  const path = '/models/embeddings?api-version=2024-05-01-preview';
  const asked = { model: 'mayo-cr', input: ['a cough'] };
  assert.equal((await post(world.url, path, asked)).body.error.code, 'not_found');
  const url = await world.serveWith((doors) => ({
    ...doors,
    settings: { ...doors.settings, legacyModelsRoute: true },
  }));
  assert.deepEqual((await post(url, path, asked)).body.model, 'mayo-cr-1');
});

test('another method is 405', async () => {
  const reply = await request(world.url).get('/v1/embeddings').set('api-key', keyOf(world.demo, 'northwind'));
  assert.deepEqual([reply.status, reply.headers.allow], [405, 'POST']);
});

test('2,048 texts are answered in their order, one more is refused, and so is more than the body may hold', async () => {
  const input = Array.from({ length: 2_048 }, (_, index) => `finding ${index}`);
  const many = await embed(as('northwind'), { input, dimensions: 8 });
  assert.equal(many.status, 200, many.text.slice(0, 200));
  assert.deepEqual(
    many.body.data.map(({ index }) => index),
    input.map((_, index) => index),
  );
  const [last] = (await embed(as('northwind'), { input: 'finding 2047', dimensions: 8 })).body.data;
  assert.deepEqual(many.body.data.at(-1)?.embedding, last?.embedding);
  const more = await embed(as('northwind'), { input: [...input, 'one more'] });
  assert.deepEqual(
    [more.status, more.body.error.code, more.body.error.param],
    [400, 'invalid_parameter', 'input'],
  );
  const huge = await embed(as('northwind'), {
    input: Array.from({ length: 3 }, () => 'x'.repeat(1_900_000)),
  });
  assert.deepEqual([huge.status, huge.body.error.code], [413, 'body_too_large']);
});
