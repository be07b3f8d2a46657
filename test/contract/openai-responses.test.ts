import assert from 'node:assert/strict';
import { test } from 'node:test';
import { responsesRequest } from '../../gateway/contract/openai-responses.ts';
import { parseOrRefuse } from '../../gateway/contract/parse.ts';

const GOOD = { model: 'mayo-cr', input: 'a cough' };
const read = (more: object) => parseOrRefuse(responsesRequest, { ...GOOD, ...more });
const tool = { type: 'function', name: 'look_up' };
const message = { type: 'message', role: 'assistant', id: 'msg_1', status: 'completed' };

const ACCEPTED: readonly object[] = [
  {},
  { instructions: null, stream: null, tools: null, text: null, reasoning: null, metadata: null, user: null },
  { stream: true, stream_options: { include_obfuscation: false } },
  { max_output_tokens: 1, temperature: 2, top_p: 0, parallel_tool_calls: false },
  { tools: [], tool_choice: 'auto' },
  {
    tools: [{ ...tool, parameters: null, strict: null }],
    tool_choice: { type: 'function', name: 'look_up' },
  },
  { text: { format: { type: 'json_schema', name: 'x', schema: {}, strict: true }, verbosity: 'low' } },
  { text: { format: { type: 'json_object' } }, reasoning: { effort: 'low', summary: 'auto' } },
  { store: false, background: false, previous_response_id: null, conversation: null, prompt: null },
  { include: [], truncation: 'disabled', top_logprobs: 0, max_tool_calls: null, service_tier: 'auto' },
  { metadata: { a: 'b' }, user: 'x', safety_identifier: 'y', prompt_cache_key: 'z' },
  { input: [{ role: 'user', content: 'x' }] },
  { input: [{ role: 'developer', content: [{ type: 'input_text', text: 'x' }] }] },
  {
    input: [
      { ...message, content: [{ type: 'output_text', text: 'x', annotations: [], logprobs: [] }] },
      { ...message, content: [{ type: 'refusal', refusal: 'no' }], phase: 'final_answer' },
      { role: 'assistant', content: 'x' },
      { type: 'function_call', id: 'fc_1', call_id: 'call_1', name: 'look_up', arguments: '{}' },
      { type: 'function_call_output', call_id: 'call_1', output: '{}' },
      { type: 'function_call_output', call_id: 'call_2', output: [{ type: 'input_text', text: '{}' }] },
    ],
  },
];

ACCEPTED.forEach((more, row) => {
  test(`what stock clients send is read: ${row} ${JSON.stringify(more).slice(0, 60)}`, () => {
    read(more);
  });
});

const UNKNOWN = [
  'messages',
  'max_tokens',
  'response_format',
  'n',
  'seed',
  'stop',
  'context_management',
  'moderation',
  'prompt_cache_retention',
  'data_sources',
  'extra_body',
];
for (const name of UNKNOWN) {
  test(`a field that is not named is refused by its name, never passed on: ${name}`, () => {
    assert.throws(() => read({ [name]: {} }), { code: 'unknown_parameter', param: name });
  });
}

const UNKNOWN_INSIDE: readonly (readonly [object, string])[] = [
  [{ input: [{ role: 'user', content: 'x', name: 'y' }] }, 'input.0.name'],
  [{ input: [{ role: 'user', content: [{ type: 'input_text', text: 'x', y: 1 }] }] }, 'input.0.content.0.y'],
  [{ tools: [{ ...tool, defer_loading: true }] }, 'tools.0.defer_loading'],
  [{ stream_options: { include_usage: true } }, 'stream_options.include_usage'],
  [{ reasoning: { generate_summary: 'auto' } }, 'reasoning.generate_summary'],
  [{ text: { format: { type: 'text', y: 1 } } }, 'text.format.y'],
];
for (const [more, param] of UNKNOWN_INSIDE) {
  test(`a field that is not named deeper in is refused by its path: ${param}`, () => {
    assert.throws(() => read(more), { code: 'unknown_parameter', param });
  });
}

const INVALID: readonly (readonly [object, string])[] = [
  [{ store: true }, 'store'],
  [{ background: true }, 'background'],
  [{ previous_response_id: 'resp_1' }, 'previous_response_id'],
  [{ conversation: 'conv_1' }, 'conversation'],
  [{ conversation: { id: 'conv_1' } }, 'conversation'],
  [{ prompt: { id: 'pmpt_1' } }, 'prompt'],
  [{ include: ['reasoning.encrypted_content'] }, 'include'],
  [{ truncation: 'auto' }, 'truncation'],
  [{ top_logprobs: 5 }, 'top_logprobs'],
  [{ max_tool_calls: 3 }, 'max_tool_calls'],
  [{ service_tier: 'priority' }, 'service_tier'],
  [{ reasoning: { summary: 'detailed' } }, 'reasoning.summary'],
  [{ model: '' }, 'model'],
  [{ input: 7 }, 'input'],
  [{ input: [] }, 'input'],
  [{ input: Array(1_025).fill({ role: 'user', content: 'x' }) }, 'input'],
  [{ input: [{ role: 'nobody', content: 'x' }] }, 'input.0.role'],
  [{ input: [{ type: 'item_reference', id: 'msg_1' }] }, 'input.0.type'],
  [{ input: [{ type: 'reasoning', id: 'rs_1', summary: [], encrypted_content: 'x' }] }, 'input.0.type'],
  [{ input: [{ type: 'mcp_approval_response', approve: true }] }, 'input.0.type'],
  [
    { input: [{ role: 'user', content: [{ type: 'input_file', file_id: 'file_1' }] }] },
    'input.0.content.0.type',
  ],
  [{ max_output_tokens: 0 }, 'max_output_tokens'],
  [{ metadata: { a: 1 } }, 'metadata.a'],
  [{ metadata: Object.fromEntries(Array.from({ length: 17 }, (_, at) => [`k${at}`, 'v'])) }, 'metadata'],
  [{ tool_choice: { type: 'file_search' } }, 'tool_choice.type'],
];
for (const [more, param] of INVALID) {
  test(`a value that is not accepted is refused by its path: ${param} ${JSON.stringify(more).slice(0, 40)}`, () => {
    assert.throws(() => read(more), { code: 'invalid_parameter', param });
  });
}
