import assert from 'node:assert/strict';
import { test } from 'node:test';
import { chatDialect } from '../../gateway/pipeline/chat-dialect.ts';
import { responsesDialect } from '../../gateway/pipeline/responses-dialect.ts';

const read = (more: object) => responsesDialect({ model: 'mayo-cr', input: 'a cough', ...more });
const messages = (more: object) => read(more).prompt.messages;
const call = (id: string) => ({ type: 'function_call', call_id: id, name: 'look_up', arguments: '{}' });
const result = (id: string) => ({ type: 'function_call_output', call_id: id, output: '{"dose":1}' });
const asked = (id: string) => ({ id, name: 'look_up', arguments: '{}' });
const told = (id: string) => ({ role: 'tool', content: '{"dose":1}', toolCallId: id });

test('instructions are the first message, and a plain input the user after them', () => {
  assert.deepEqual(messages({ instructions: 'Be brief.' }), [
    { role: 'system', content: 'Be brief.' },
    { role: 'user', content: 'a cough' },
  ]);
});

test('calls of one turn stand in one message of the assistant, with the words before them', () => {
  const said = { role: 'assistant', content: [{ type: 'output_text', text: 'Let me look.' }] };
  const input = [
    { role: 'user', content: 'x' },
    said,
    call('a'),
    call('b'),
    result('a'),
    result('b'),
    call('c'),
  ];
  assert.deepEqual(messages({ input }), [
    { role: 'user', content: 'x' },
    { role: 'assistant', content: 'Let me look.', toolCalls: [asked('a'), asked('b')] },
    told('a'),
    told('b'),
    { role: 'assistant', content: null, toolCalls: [asked('c')] },
  ]);
});

test('an earlier answer is read with its words and its refusal apart', () => {
  const content = [
    { type: 'output_text', text: 'One.' },
    { type: 'output_text', text: 'Two.' },
    { type: 'refusal', refusal: 'No.' },
  ];
  const input = [{ type: 'message', role: 'assistant', content }];
  assert.deepEqual(messages({ input }), [{ role: 'assistant', content: 'One.\nTwo.', refusal: 'No.' }]);
});

test('what is asked over the Responses API is the chat prompt that says the same', () => {
  const schema = { type: 'object', properties: {} };
  const shared = { model: 'mayo-cr', temperature: 0.5, top_p: 0.9, parallel_tool_calls: false, stream: true };
  const tool = { name: 'look_up', description: 'Finds a dose', parameters: schema, strict: true };
  const format = { name: 'triage', description: 'An urgency', schema, strict: true };
  const overChat = chatDialect({
    ...shared,
    messages: [{ role: 'user', content: 'a cough' }],
    max_completion_tokens: 64,
    tools: [{ type: 'function', function: tool }],
    tool_choice: { type: 'function', function: { name: 'look_up' } },
    response_format: { type: 'json_schema', json_schema: format },
    reasoning_effort: 'low',
    verbosity: 'high',
    stream_options: { include_usage: true },
  });
  const { echo: _, ...overResponses } = read({
    ...shared,
    max_output_tokens: 64,
    tools: [{ type: 'function', ...tool }],
    tool_choice: { type: 'function', name: 'look_up' },
    text: { format: { type: 'json_schema', ...format }, verbosity: 'high' },
    reasoning: { effort: 'low' },
  });
  assert.deepEqual(overResponses, overChat);
});

test('nothing is said to the host about tools that were not given', () => {
  const { prompt } = read({ tools: [], tool_choice: 'auto', parallel_tool_calls: true });
  assert.deepEqual(Object.keys(prompt).toSorted(), ['choices', 'messages']);
});

test('only a wire that gives the request back keeps it for that', () => {
  const echo = read({
    instructions: 'Be brief.',
    metadata: { ward: '7' },
    user: 'clinician-1',
  }).echo?.reveal();
  assert.deepEqual(
    [echo?.instructions, echo?.metadata, echo?.user],
    ['Be brief.', { ward: '7' }, 'clinician-1'],
  );
  const chat = chatDialect({
    model: 'mayo-cr',
    messages: [{ role: 'user', content: 'x' }],
    metadata: { a: 'b' },
  });
  assert.equal(chat.echo, undefined);
});

const HOSTS_TOOLS = [
  { type: 'web_search' },
  { type: 'web_search_preview' },
  { type: 'file_search', vector_store_ids: ['vs_1'] },
  { type: 'code_interpreter', container: { type: 'auto' } },
  { type: 'mcp', server_label: 'x', server_url: 'https://tools.example/mcp' },
  { type: 'image_generation' },
  { type: 'computer_use_preview' },
  { type: 'local_shell' },
  { type: 'shell' },
  { type: 'apply_patch' },
  { type: 'custom', name: 'x' },
];
const wires = {
  chat: (tools: object[], content: unknown) =>
    chatDialect({ model: 'mayo-cr', messages: [{ role: 'user', content }], tools }),
  responses: (tools: object[], content: unknown) =>
    responsesDialect({ model: 'mayo-cr', input: [{ role: 'user', content }], tools }),
};
const ours = {
  chat: { type: 'function', function: { name: 'look_up' } },
  responses: { type: 'function', name: 'look_up' },
};

for (const wire of ['chat', 'responses'] as const) {
  for (const tool of HOSTS_TOOLS) {
    test(`a tool that the model's host would run is not allowed: ${tool.type} (${wire})`, () => {
      const expected = { code: 'tool_not_allowed', param: 'tools' };
      assert.throws(() => wires[wire]([tool], 'x'), expected);
      assert.throws(() => wires[wire]([ours[wire], tool], 'x'), expected);
    });
  }
}

const URLS = [
  'https://images.example/a.png',
  'http://169.254.169.254/latest',
  'file:///etc/passwd',
  '//x.example/a',
];
const POINTERS = {
  chat: [(url: string) => ({ type: 'image_url', image_url: { url } })],
  responses: [
    (url: string) => ({ type: 'input_image', image_url: url, detail: 'auto' }),
    (url: string) => ({ type: 'input_file', file_url: url }),
  ],
};

for (const wire of ['chat', 'responses'] as const) {
  test(`a URL is not fetched, and refused by its name: ${wire}`, () => {
    const param = wire === 'chat' ? 'messages.0' : 'input.0';
    for (const url of URLS) {
      for (const pointer of POINTERS[wire]) {
        const content = [pointer('data:image/png;base64,AA=='), pointer(url)];
        assert.throws(() => wires[wire]([ours[wire]], content), { code: 'remote_url_not_allowed', param });
      }
    }
  });
}

test('a picture in the request itself is the same on both wires, and a file is not read', () => {
  const url = 'data:image/png;base64,AA==';
  const images = [{ mediaType: 'image/png', base64: 'AA==', detail: 'low' }];
  const shown = [{ role: 'user', content: 'What is this?', images }];
  const overChat = chatDialect({
    model: 'mayo-cr',
    messages: [
      {
        role: 'user',
        content: [
          { type: 'text', text: 'What is this?' },
          { type: 'image_url', image_url: { url, detail: 'low' } },
        ],
      },
    ],
  });
  assert.deepEqual(overChat.prompt.messages, shown);
  const said = { type: 'input_text', text: 'What is this?' };
  const input = (part: object) => [{ role: 'user', content: [said, part] }];
  const image = { type: 'input_image', image_url: url, detail: 'low' };
  assert.deepEqual(messages({ input: input(image) }), shown);
  assert.throws(() => read({ input: input({ type: 'input_file', file_url: url }) }), {
    code: 'invalid_parameter',
  });
  assert.throws(() => read({ input: input({ ...image, image_url: 'data:image/svg+xml;base64,AA==' }) }), {
    code: 'invalid_parameter',
    param: 'input',
  });
});

test('a URL in the result of a tool is refused too', () => {
  const output = [{ type: 'input_image', image_url: 'https://images.example/a.png' }];
  const items = [
    { type: 'function_call_output', call_id: 'a', output },
    {
      type: 'computer_call_output',
      call_id: 'a',
      output: { type: 'computer_screenshot', image_url: 'http://x.example' },
    },
  ];
  for (const item of items)
    assert.throws(() => read({ input: [{ role: 'user', content: 'x' }, item] }), {
      code: 'remote_url_not_allowed',
      param: 'input.1',
    });
});
