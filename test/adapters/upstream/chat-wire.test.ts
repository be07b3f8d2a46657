import assert from 'node:assert/strict';
import { test } from 'node:test';
import { writeChatBody } from '../../../gateway/adapters/upstream/chat-wire.ts';
import type { ChatPrompt } from '../../../gateway/core/models/chat.ts';
import { call, prompt } from './calls.ts';

function body(more: Partial<ChatPrompt> = {}, stream = true): Record<string, unknown> {
  return JSON.parse(writeChatBody(call({ stream, prompt: prompt(more) }))) as Record<string, unknown>;
}

test('a plain call carries exactly the deployment, the messages, the cap and what the gateway forces', () => {
  assert.deepEqual(body(), {
    model: 'mayo-cr-1-deployment',
    messages: [{ role: 'user', content: 'What speaks for and against a first-line drug?' }],
    max_completion_tokens: 1_000,
    store: false,
    stream: true,
    stream_options: { include_usage: true },
    safety_identifier: 'ab'.repeat(32),
    prompt_cache_key: 'cd'.repeat(16),
  });
});

test('a whole answer is asked for without stream options', () => {
  const { stream, stream_options } = body({}, false);
  assert.deepEqual({ stream, stream_options }, { stream: false, stream_options: undefined });
});

test('what the prompt type does not name never reaches the host', () => {
  const smuggled = {
    ...prompt(),
    user: 'someone',
    metadata: { mrn: '1' },
    service_tier: 'priority',
    data_sources: [{ endpoint: 'https://evil.example' }],
  };
  const wire = writeChatBody({ ...call({ prompt: smuggled }), host: 'evil.example' } as never);
  assert.doesNotMatch(wire, /someone|mrn|service_tier|evil/);
});

test('several choices are asked for only when there are several', () => {
  assert.equal(body({ choices: 1 }).n, undefined);
  assert.equal(body({ choices: 3 }).n, 3);
});

test('every sampling field arrives under its wire name', () => {
  const wire = body({
    temperature: 0.2,
    topP: 0.9,
    frequencyPenalty: 0.1,
    presencePenalty: -0.1,
    seed: 7,
    stop: ['END'],
    reasoningEffort: 'low',
    verbosity: 'low',
    parallelToolCalls: false,
  });
  const { temperature, top_p, frequency_penalty, presence_penalty, seed, stop } = wire;
  assert.deepEqual(
    [temperature, top_p, frequency_penalty, presence_penalty, seed, stop],
    [0.2, 0.9, 0.1, -0.1, 7, ['END']],
  );
  assert.deepEqual([wire.reasoning_effort, wire.verbosity, wire.parallel_tool_calls], ['low', 'low', false]);
});

test('messages, tools and tool results arrive in the wire shape', () => {
  const wire = body({
    messages: [
      { role: 'system', content: 'Be brief.', name: 'ward' },
      { role: 'assistant', content: null, toolCalls: [{ id: 'call_1', name: 'find', arguments: '{"q":1}' }] },
      { role: 'tool', content: 'found', toolCallId: 'call_1' },
    ],
    tools: [{ name: 'find', description: 'Finds.', parameters: { type: 'object' }, strict: true }],
    toolChoice: { name: 'find' },
  });
  assert.deepEqual(wire.messages, [
    { role: 'system', content: 'Be brief.', name: 'ward' },
    {
      role: 'assistant',
      content: null,
      tool_calls: [{ id: 'call_1', type: 'function', function: { name: 'find', arguments: '{"q":1}' } }],
    },
    { role: 'tool', content: 'found', tool_call_id: 'call_1' },
  ]);
  assert.deepEqual(wire.tools, [
    {
      type: 'function',
      function: { name: 'find', description: 'Finds.', parameters: { type: 'object' }, strict: true },
    },
  ]);
  assert.deepEqual(wire.tool_choice, { type: 'function', function: { name: 'find' } });
});

test('a response format arrives in the wire shape', () => {
  const schema = { type: 'object' };
  assert.deepEqual(
    body({ responseFormat: { type: 'json_schema', name: 'note', schema, strict: true } }).response_format,
    {
      type: 'json_schema',
      json_schema: { name: 'note', schema, strict: true },
    },
  );
  assert.deepEqual(body({ responseFormat: { type: 'json_object' } }).response_format, {
    type: 'json_object',
  });
  assert.equal(body({ toolChoice: 'required' }).tool_choice, 'required');
});

test('a cap that JSON would write as null is never sent', () => {
  for (const maxCompletionTokens of [Number.POSITIVE_INFINITY, Number.NaN, 0, -1, 1.5]) {
    assert.throws(() => body({ maxCompletionTokens }), RangeError);
  }
});
