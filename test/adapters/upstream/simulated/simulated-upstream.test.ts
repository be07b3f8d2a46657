import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { createSimulatedUpstream } from '../../../../gateway/adapters/upstream/simulated/simulated-upstream.ts';
import type { ChatPrompt } from '../../../../gateway/core/models/chat.ts';
import type { ModelCall, ReplyEvent } from '../../../../gateway/core/models/upstream.ts';
import { at } from '../../../../gateway/domain/clock.ts';
import { call, eventsOf, isProblem, joined, prompt, textOf } from '../calls.ts';

const clock = { now: () => at(Date.UTC(2026, 0, 1)) };
const model = createSimulatedUpstream({ clock });
const signal = new AbortController().signal;

async function ask(more: Partial<ChatPrompt> = {}, about: Partial<ModelCall> = {}): Promise<ReplyEvent[]> {
  return eventsOf(await model.ask(call({ ...about, prompt: prompt(more) }), signal));
}

const user = (content: string): Partial<ChatPrompt> => ({ messages: [{ role: 'user', content }] });

test('every answer says first that it is simulated, and its fingerprint says so', async () => {
  const reply = await model.ask(call(), signal);
  assert.equal(reply.systemFingerprint, 'simulated');
  assert.match(textOf(await eventsOf(reply)), /^Simulated answer/);
});

test('the same prompt and seed give the same events, another seed other words', async () => {
  assert.deepEqual(await ask({ seed: 7 }), await ask({ seed: 7 }));
  const answers = await Promise.all([1, 2, 3, 4, 5, 6].map(async (seed) => textOf(await ask({ seed }))));
  assert.ok(new Set(answers).size > 1);
});

test('a stream and a whole answer say the same', async () => {
  assert.deepEqual(joined(await ask()), joined(await ask({}, { stream: false })));
});

test('a stream comes in many batches, a whole answer in one', async () => {
  const count = async (stream: boolean) => {
    let batches = 0;
    for await (const _ of (await model.ask(call({ stream }), signal)).events) batches += 1;
    return batches;
  };
  assert.ok((await count(true)) > 10);
  assert.equal(await count(false), 1);
});

const QUESTIONS: readonly (readonly [string, string])[] = [
  ['How is resistant Hypertension worked up?', 'hypertension'],
  ['HbA1c above target on metformin', 'diabetes'],
  ['Chest pain with a history of diabetes', 'chest pain'],
  ['A toddler who is hot', 'fever in a child'],
  ['Please reconcile these lists', 'medication reconciliation'],
  ['Something else', 'general question'],
];

for (const [question, topic] of QUESTIONS) {
  test(`"${question}" is answered on ${topic}, with assessment, reasoning, next steps and limits`, async () => {
    const text = textOf(await ask(user(question)));
    assert.ok(text.includes(`Topic: ${topic}.`));
    for (const part of ['Assessment:', 'Reasoning:', 'Next steps:', 'Limits:'])
      assert.ok(text.includes(part), part);
  });
}

test('an answer never repeats the question', async () => {
  assert.doesNotMatch(textOf(await ask(user('Zebediah Quill, 44, asks about insulin'))), /Zebediah|Quill|44/);
});

test('usage is counted like a real host counts it', async () => {
  const events = await ask();
  const usage = events.find((event) => event.kind === 'usage')?.usage;
  assert.equal(usage?.output, Math.ceil(textOf(events).length / 4));
  assert.ok((usage?.input ?? 0) > 10);
  assert.deepEqual([usage?.cachedInput, usage?.reasoning], [0, 0]);
});

test('the cap ends an answer with length, and usage stays within it', async () => {
  const events = await ask({ maxCompletionTokens: 10 });
  assert.equal(textOf(events).length, 40);
  assert.deepEqual(
    events.filter((event) => event.kind === 'finish').map((event) => event.reason),
    ['length'],
  );
  assert.equal(events.find((event) => event.kind === 'usage')?.usage.output, 10);
});

test('each choice asked for is answered and ends', async () => {
  const events = await ask({ choices: 3 });
  const finished = events.filter((event) => event.kind === 'finish').map((event) => event.choice);
  assert.deepEqual(finished, [0, 1, 2]);
  for (const choice of [0, 1, 2]) assert.match(textOf(events, choice), /^Simulated answer/);
});

const TOOLS: Partial<ChatPrompt> = {
  tools: [
    {
      name: 'find_drug',
      parameters: {
        type: 'object',
        properties: { name: { type: 'string' }, dose: { type: 'integer', minimum: 5 } },
        required: ['name', 'dose'],
      },
    },
    { name: 'list_labs' },
  ],
};

function toolCalled(events: readonly ReplyEvent[]): { name: string | undefined; made: unknown } {
  const name = events.find((event) => event.kind === 'toolCall')?.name;
  const text = events.map((event) => (event.kind === 'toolArguments' ? event.text : '')).join('');
  return { name, made: text === '' ? undefined : JSON.parse(text) };
}

test('the first tool is called with arguments of its schema', async () => {
  const events = await ask(TOOLS);
  assert.deepEqual(toolCalled(events), { name: 'find_drug', made: { name: 'simulated', dose: 5 } });
  assert.ok(events.some((event) => event.kind === 'finish' && event.reason === 'tool_calls'));
  assert.equal(textOf(events), '');
});

test('tool choice decides: none calls nothing, a name that tool, required even after a result', async () => {
  assert.equal(toolCalled(await ask({ ...TOOLS, toolChoice: 'none' })).name, undefined);
  assert.deepEqual(toolCalled(await ask({ ...TOOLS, toolChoice: { name: 'list_labs' } })), {
    name: 'list_labs',
    made: {},
  });
  const answered: ChatPrompt['messages'] = [
    { role: 'user', content: 'x' },
    { role: 'tool', content: 'found', toolCallId: 'call_1' },
  ];
  assert.equal(toolCalled(await ask({ ...TOOLS, messages: answered })).name, undefined);
  const required = await ask({ ...TOOLS, messages: answered, toolChoice: 'required' });
  assert.equal(toolCalled(required).name, 'find_drug');
});

test('json_object gives an object, json_schema an instance of the schema', async () => {
  const object = JSON.parse(textOf(await ask({ responseFormat: { type: 'json_object' } })));
  assert.equal(object.simulated, true);
  const schema = { type: 'object', properties: { grade: { enum: ['low', 'high'] } }, required: ['grade'] };
  const instance = textOf(await ask({ responseFormat: { type: 'json_schema', name: 'n', schema } }));
  assert.deepEqual(JSON.parse(instance), { grade: 'low' });
});

test('a schema that nothing satisfies is refused as a host would', async () => {
  const schema = { $ref: '#' };
  await assert.rejects(
    ask({ responseFormat: { type: 'json_schema', name: 'n', schema } }),
    isProblem('upstream_rejected'),
  );
});

test('the witness is written before the answer is asked for, one line for each call', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'witness-'));
  try {
    const callLogFile = join(folder, 'calls.jsonl');
    const witnessed = createSimulatedUpstream({ clock, callLogFile });
    await witnessed.ask(call({ requestId: 'req_a' }), signal);
    await witnessed.ask(call({ requestId: 'req_b' }), signal);
    const lines = (await readFile(callLogFile, 'utf8')).trim().split('\n');
    assert.deepEqual(
      lines.map((line) => JSON.parse(line)),
      [
        { at: '2026-01-01T00:00:00.000Z', requestId: 'req_a' },
        { at: '2026-01-01T00:00:00.000Z', requestId: 'req_b' },
      ],
    );
  } finally {
    await rm(folder, { recursive: true });
  }
});

test('an aborted call is not answered', async () => {
  const gone = new Error('the caller left');
  await assert.rejects(model.ask(call(), AbortSignal.abort(gone)), gone);
  const controller = new AbortController();
  const reply = await model.ask(call(), controller.signal);
  const read = async () => {
    for await (const _ of reply.events) controller.abort(gone);
  };
  await assert.rejects(read(), gone);
});
