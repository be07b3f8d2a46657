import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import OpenAI from 'openai';
import { keyOf, openWorld, type World } from '../world.ts';

let world: World;
before(async () => {
  world = await openWorld();
});
after(() => world[Symbol.asyncDispose]());

/** A stock client whose connection breaks when the first answer of each call has been given, before it is read. */
function unlucky(losses: number) {
  let sent = 0;
  const seen: Response[] = [];
  const client = new OpenAI({
    apiKey: keyOf(world.demo, 'northwind'),
    baseURL: `${world.url}/v1`,
    maxRetries: 3,
    fetch: async (...args: Parameters<typeof fetch>) => {
      sent += 1;
      const response = await fetch(...args);
      const text = await response.text();
      seen.push(response);
      if (sent <= losses) throw new TypeError('terminated');
      return new Response(text, { status: response.status, headers: response.headers });
    },
  });
  return { client, sent: () => sent, seen };
}

const question = {
  model: 'mayo-cr',
  messages: [{ role: 'user' as const, content: 'Adult with new hypertension: what next?' }],
};

async function usageLines(): Promise<number> {
  const { records } = await world.gateway.office.audit.search({ phase: 'completed' }, { limit: 200 });
  const usage = await Promise.all(records.map(({ requestId }) => world.usageOf(requestId)));
  return usage.flat().length;
}

test('a stock client that asks four times under one key is answered, asked for and charged once', async () => {
  const { client, sent, seen } = unlucky(3);
  const [asked, charged] = [world.callsToModel().length, await usageLines()];
  const answer = await client.chat.completions.create(question, {
    headers: { 'Idempotency-Key': 'round-of-rounds-1' },
  });
  assert.match(answer.choices[0]?.message.content ?? '', /^Simulated answer/);
  assert.equal(sent(), 4);
  assert.deepEqual(
    seen.map(({ status, headers }) => [status, headers.get('idempotent-replayed')]),
    [
      [200, null],
      [200, 'true'],
      [200, 'true'],
      [200, 'true'],
    ],
  );
  assert.equal(world.callsToModel().length, asked + 1);
  assert.equal(await usageLines(), charged + 1);
});

test('a stock client that streams under a key reads the same stream after a loss', async () => {
  const { client, sent } = unlucky(1);
  const asked = world.callsToModel().length;
  const stream = await client.chat.completions.create(
    { ...question, stream: true, stream_options: { include_usage: true } },
    { headers: { 'Idempotency-Key': 'round-of-rounds-2' } },
  );
  let text = '';
  let total: number | undefined;
  for await (const chunk of stream) {
    text += chunk.choices[0]?.delta.content ?? '';
    total = chunk.usage?.total_tokens ?? total;
  }
  assert.match(text, /^Simulated answer/);
  assert.ok((total ?? 0) > 0);
  assert.equal(sent(), 2);
  assert.equal(world.callsToModel().length, asked + 1);
});

for (const encoding_format of [undefined, 'float'] as const) {
  test(`a stock client that asks for vectors four times under one key gets them, asked for and charged once: ${encoding_format ?? 'base64 unseen'}`, async () => {
    const { client, sent, seen } = unlucky(3);
    const [asked, charged] = [world.callsToModel().length, await usageLines()];
    const wish = { model: 'mayo-cr', input: 'a cough', dimensions: 16 };
    const form = encoding_format === undefined ? {} : { encoding_format };
    const headers = { 'Idempotency-Key': `round-of-vectors-${encoding_format}` };
    const { data } = await client.embeddings.create({ ...wish, ...form }, { headers });
    assert.equal(data[0]?.embedding.length, 16);
    assert.equal(sent(), 4);
    assert.deepEqual(
      seen.map((response) => response.headers.get('idempotent-replayed')),
      [null, 'true', 'true', 'true'],
    );
    assert.equal(world.callsToModel().length, asked + 1);
    assert.equal(await usageLines(), charged + 1);
  });
}

test('a stock client that makes its own keys sends the same one with each retry', async () => {
  const { client, sent } = unlucky(2);
  // The client makes keys by itself once it is told in which header they go.
  Object.assign(client, { idempotencyHeader: 'Idempotency-Key' });
  const asked = world.callsToModel().length;
  await client.chat.completions.create(question);
  assert.equal(sent(), 3);
  assert.equal(world.callsToModel().length, asked + 1);
  await client.chat.completions.create(question);
  assert.equal(world.callsToModel().length, asked + 2);
});

test('a stock client does not retry a key that named another request', async () => {
  const { client, sent } = unlucky(0);
  const options = { headers: { 'Idempotency-Key': 'round-of-rounds-3' } };
  await client.chat.completions.create(question, options);
  const other = { ...question, temperature: 0.5 };
  await assert.rejects(client.chat.completions.create(other, options), {
    status: 422,
    code: 'idempotency_mismatch',
  });
  assert.equal(sent(), 2);
});
