import assert from 'node:assert/strict';
import { test } from 'node:test';
import { chatCompletionRequest } from '../../gateway/contract/openai-chat.ts';
import { parseOrRefuse } from '../../gateway/contract/parse.ts';

const GOOD = { model: 'mayo-cr', messages: [{ role: 'user', content: 'a cough' }] };
const read = (more: object) => parseOrRefuse(chatCompletionRequest, { ...GOOD, ...more });
const said = (message: object) => read({ messages: [message] });
const tool = { type: 'function', function: { name: 'look_up' } };
const call = { id: 'call_1', type: 'function', function: { name: 'look_up', arguments: '{}' } };

const ACCEPTED: readonly object[] = [
  {},
  { stream: null, temperature: null, n: null, stop: null, max_tokens: null },
  { stream: true, stream_options: { include_usage: true, include_obfuscation: false } },
  { max_completion_tokens: 1, temperature: 2, top_p: 0, seed: -1, n: 8, stop: ['a', 'b', 'c', 'd'] },
  {
    tools: [tool],
    tool_choice: { type: 'function', function: { name: 'look_up' } },
    parallel_tool_calls: false,
  },
  { response_format: { type: 'json_schema', json_schema: { name: 'x', schema: {}, strict: true } } },
  {
    store: true,
    user: 'x',
    metadata: { a: 'b' },
    service_tier: 'auto',
    logprobs: false,
    modalities: ['text'],
  },
  {
    messages: [
      { role: 'developer', content: [{ type: 'text', text: 'x' }] },
      { role: 'assistant', tool_calls: [call] },
      { role: 'tool', content: '{}', tool_call_id: 'call_1' },
    ],
  },
  { messages: [{ role: 'assistant', content: null, refusal: 'no' }] },
];

ACCEPTED.forEach((more, row) => {
  test(`what stock clients send is read: ${row} ${JSON.stringify(more).slice(0, 60)}`, () => {
    read(more);
  });
});

const UNKNOWN = [
  'logit_bias',
  'top_logprobs',
  'prediction',
  'audio',
  'web_search_options',
  'data_sources',
  'functions',
  'function_call',
  'previous_response_id',
  'background',
  'include',
  'moderation',
  'extra_body',
];
for (const name of UNKNOWN) {
  test(`a field that is not named is refused by its name, never passed on: ${name}`, () => {
    assert.throws(() => read({ [name]: {} }), { code: 'unknown_parameter', param: name });
  });
}

const INVALID: readonly (readonly [object, string])[] = [
  [{ model: '' }, 'model'],
  [{ model: 'x'.repeat(129) }, 'model'],
  [{ messages: 'hello' }, 'messages'],
  [{ stream: 'true' }, 'stream'],
  [{ n: 9 }, 'n'],
  [{ logprobs: true }, 'logprobs'],
  [{ modalities: ['text', 'audio'] }, 'modalities'],
  [{ service_tier: 'priority' }, 'service_tier'],
  [{ stop: Array(5).fill('x') }, 'stop'],
  [{ stop: 'x'.repeat(257) }, 'stop'],
  [{ tools: [] }, 'tools'],
  [{ tools: [{ type: 'web_search' }] }, 'tools.0.type'],
  [{ tools: [{ type: 'function', function: { name: 'a b' } }] }, 'tools.0.function.name'],
  [{ messages: [{ role: 'user', content: [{ type: 'text' }] }] }, 'messages.0.content.0.text'],
  [{ messages: [{ role: 'user', content: 1 }] }, 'messages.0.content'],
  [{ max_tokens: 0 }, 'max_tokens'],
  [{ messages: Array(1_025).fill(GOOD.messages[0]) }, 'messages'],
];

for (const [more, param] of INVALID) {
  test(`a value that is not accepted is refused by its path: ${param} ${JSON.stringify(more).slice(0, 40)}`, () => {
    assert.throws(() => read(more), { code: 'invalid_parameter', param });
  });
}

test('a field that is unknown deep inside one of two shapes is still named', () => {
  const part = { type: 'text', text: 'x', evil: 1 };
  const param = 'messages.0.content.0.evil';
  assert.throws(() => said({ role: 'user', content: [part] }), { code: 'unknown_parameter', param });
});

test('a picture is read in a user’s message, and nowhere else', () => {
  const content = [{ type: 'image_url', image_url: { url: 'data:image/png;base64,AAAA', detail: 'low' } }];
  assert.deepEqual(said({ role: 'user', content }).messages, [{ role: 'user', content }]);
  for (const role of ['system', 'developer', 'assistant'])
    assert.throws(() => said({ role, content }), { code: 'invalid_parameter' });
});

test('sounds, files and pictures elsewhere are not read', () => {
  for (const part of [
    { type: 'image_url', image_url: { url: 'https://images.example/a.png' } },
    { type: 'input_audio', input_audio: { data: '', format: 'wav' } },
    { type: 'file', file: { file_id: 'x' } },
  ]) {
    assert.throws(() => said({ role: 'user', content: [part] }), { code: 'invalid_parameter' });
  }
});

test('a path that holds what the caller typed is not repeated', () => {
  for (const name of ['quillan ashdown', 'q\n', 'ü', 'x'.repeat(200)]) {
    assert.throws(
      () => read({ [name]: 1 }),
      (thrown: { code: string; param?: string }) =>
        thrown.code === 'unknown_parameter' && thrown.param === undefined,
    );
  }
});
