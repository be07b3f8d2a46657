import assert from 'node:assert/strict';
import { test } from 'node:test';
import { writeEmbeddingsBody } from '../../../gateway/adapters/upstream/embeddings-wire.ts';
import { createOpenAiUpstream } from '../../../gateway/adapters/upstream/openai.ts';
import type { EmbeddingsPrompt } from '../../../gateway/core/models/embeddings.ts';
import type { EmbedCall, EmbedReply } from '../../../gateway/core/models/upstream.ts';
import type { ProblemCode } from '../../../gateway/domain/problem.ts';
import { isProblem } from './calls.ts';
import { JSON_TYPE, json, type Script, type ScriptedHost, scriptedHost } from './scripted-host.ts';

function call(more: Partial<EmbeddingsPrompt> = {}): EmbedCall {
  return {
    requestId: 'req_00000000-0000-7000-8000-000000000001',
    deployment: 'mayo-cr-embed-deployment',
    prompt: { inputs: ['a cough', 'a rash'], encoding: 'float', ...more },
  };
}

type Embed = (more?: Partial<EmbeddingsPrompt>, signal?: AbortSignal) => Promise<EmbedReply>;

async function against(
  script: Script,
  check: (embed: Embed, host: ScriptedHost) => Promise<void>,
): Promise<void> {
  await using host = await scriptedHost(script);
  await using upstream = createOpenAiUpstream({ baseUrl: host.baseUrl, apiKey: 'key' });
  await check((more, signal = new AbortController().signal) => upstream.embed(call(more), signal), host);
}

function answer(...embeddings: readonly unknown[]): { data: object[]; usage: object } {
  const data = embeddings.map((embedding, index) => ({ object: 'embedding', index, embedding }));
  return { data, usage: { prompt_tokens: 7, total_tokens: 7 } };
}

function octets(...numbers: readonly number[]): string {
  return Buffer.from(Float32Array.from(numbers).buffer).toString('base64');
}

test('the host is asked at the one path, signed in, with our request id, uncompressed', async () => {
  const script = json(200, answer([0.5], [0.25]), { 'x-request-id': 'host-7' });
  await against(script, async (embed, host) => {
    const { upstreamRequestId, usage } = await embed({ dimensions: 1 });
    assert.equal(upstreamRequestId, 'host-7');
    assert.deepEqual(usage, { input: 7, cachedInput: 0, output: 0, reasoning: 0 });
    const [seen] = host.seen;
    assert.equal(seen?.path, '/openai/v1/embeddings');
    assert.equal(seen?.headers.authorization, 'Bearer key');
    assert.equal(seen?.headers['x-client-request-id'], call().requestId);
    assert.equal(seen?.headers['accept-encoding'], 'identity');
    assert.deepEqual(seen?.body, {
      model: 'mayo-cr-embed-deployment',
      input: ['a cough', 'a rash'],
      encoding_format: 'float',
      dimensions: 1,
    });
  });
});

test('the body holds the named fields and nothing else', () => {
  const body = JSON.parse(writeEmbeddingsBody(call({ encoding: 'base64' })));
  assert.deepEqual(Object.keys(body), ['model', 'input', 'encoding_format']);
});

test('numbers keep their value to the last bit', async () => {
  const numbers = [0.1, -0.0069292834, 5e-324, 1.7976931348623157e308, 1e-7, 0.30000000000000004];
  await against(json(200, answer(numbers, numbers)), async (embed) => {
    const { vectors } = await embed();
    assert.deepEqual(JSON.parse(JSON.stringify(vectors)), [numbers, numbers]);
  });
});

test('base64 goes on as the text it is', async () => {
  const text = octets(0.5, -0.25, 3e-9);
  await against(json(200, answer(text, text)), async (embed) => {
    assert.deepEqual((await embed({ encoding: 'base64' })).vectors, [text, text]);
  });
});

test('vectors come in the order of the inputs, whatever order the host chose', async () => {
  const { data, ...rest } = answer([1], [2]);
  await against(json(200, { ...rest, data: data.toReversed() }), async (embed) => {
    assert.deepEqual((await embed()).vectors, [[1], [2]]);
  });
});

test('a host that reports no usage has reported none', async () => {
  const { data } = answer([1], [2]);
  for (const usage of [undefined, null, {}, { prompt_tokens: 'seven' }])
    await against(json(200, { data, usage }), async (embed) =>
      assert.equal((await embed()).usage, undefined),
    );
});

const twice = (index: unknown) => ({ data: [0, index].map((at) => ({ index: at, embedding: [1] })) });
const NOT_UNDERSTOOD: readonly (readonly [string, unknown, Partial<EmbeddingsPrompt>?])[] = [
  ['one vector too few', answer([1])],
  ['one vector too many', answer([1], [2], [3])],
  ['one index twice', twice(0)],
  ['an index beyond the inputs', twice(2)],
  ['an index that is a text', twice('1')],
  ['vectors of two lengths', answer([1], [1, 2])],
  ['vectors of another length than asked for', answer([1, 2], [1, 2]), { dimensions: 3 }],
  ['an empty vector', answer([], [])],
  ['a number that is none', answer([null], [1])],
  ['a text among the numbers', answer(['Zebediah Quill'], [1])],
  ['a number beyond the finite', '{"data":[{"embedding":[1e999]},{"embedding":[1]}]}'],
  ['base64 where numbers were asked for', answer(octets(1), octets(1))],
  ['numbers where base64 was asked for', answer([1], [1]), { encoding: 'base64' }],
  ['base64 of a broken number', answer('AAAAAAA=', 'AAAAAAA='), { encoding: 'base64' }],
  ['base64 of infinity', answer(octets(1), octets(Number.POSITIVE_INFINITY)), { encoding: 'base64' }],
  ['words that are not base64', answer('Zebediah Quill', octets(1)), { encoding: 'base64' }],
  ['base64 in another spelling', answer('AACAPw', octets(1)), { encoding: 'base64' }],
  ['empty base64', answer('', ''), { encoding: 'base64' }],
  ['no list', { data: {} }],
  ['no object', []],
  ['no JSON', 'oops'],
];

for (const [name, body, prompt] of NOT_UNDERSTOOD) {
  test(`an answer is refused with ${name}`, async () => {
    await against(json(200, body), async (embed) => {
      await assert.rejects(embed(prompt), isProblem('upstream_error'));
    });
  });
}

const TABLE: readonly (readonly [number, unknown, ProblemCode])[] = [
  [400, { error: { code: 'content_filter' } }, 'content_filter'],
  [400, { error: { param: 'input', code: 'invalid_value' } }, 'upstream_rejected'],
  [401, {}, 'upstream_auth_error'],
  [404, { error: { code: 'DeploymentNotFound' } }, 'upstream_misconfigured'],
  [408, {}, 'upstream_timeout'],
  [429, {}, 'upstream_busy'],
  [500, {}, 'upstream_error'],
  [200, { error: { code: 'rate_limit_exceeded' } }, 'upstream_busy'],
];

for (const [status, body, code] of TABLE) {
  test(`a host's ${status} with ${JSON.stringify(body)} is ${code}`, async () => {
    await against(json(status, body), async (embed, host) => {
      await assert.rejects(embed(), isProblem(code));
      assert.equal(host.seen.length, 1);
    });
  });
}

test('a refusal that asks for a short wait is tried again', async () => {
  const script: Script = (response, request, nth) => {
    if (nth === 1) json(429, {}, { 'retry-after-ms': '1' })(response, request, nth);
    else json(200, answer([1], [2]))(response, request, nth);
  };
  await against(script, async (embed, host) => {
    assert.deepEqual((await embed()).vectors, [[1], [2]]);
    assert.equal(host.seen.length, 2);
  });
});

test('an answer longer than its inputs can need is not read to its end', async () => {
  const script: Script = (response) => {
    response.writeHead(200, JSON_TYPE);
    response.end(`{"data":[${' '.repeat(100_000)}]}`);
  };
  await against(script, async (embed) => {
    await assert.rejects(embed({ dimensions: 1 }), isProblem('upstream_error'));
  });
});

test('a caller that leaves while the host thinks ends the call on both sides', async () => {
  const leave = new AbortController();
  const script: Script = (response) => {
    response.writeHead(200, JSON_TYPE);
    response.write('{"data":[');
    setImmediate(() => leave.abort(new Error('left')));
  };
  await against(script, async (embed, host) => {
    await assert.rejects(embed({}, leave.signal), { message: 'left' });
    await host.closed();
  });
});
