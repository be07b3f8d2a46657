import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import fc from 'fast-check';
import type { ResponseObject } from '../../gateway/contract/openai-response-events.ts';
import type { ReplyEvent, UpstreamModel } from '../../gateway/core/models/upstream.ts';
import { Problem } from '../../gateway/domain/problem.ts';
import { ask } from '../support/ask.ts';
import { replyOf } from '../support/reply.ts';
import { copiesIn, respond, snapshotsIn } from '../support/responses.ts';
import { keyOf, openWorld, type World } from '../world.ts';

/** Invented. */
const IDENTIFIERS = ['536-22-8718', '(507) 555-0142', 'MRN 00482913', 'quill.ashdown@harbor.example'];
const SENTENCE = `Patient SSN ${IDENTIFIERS[0]}, phone ${IDENTIFIERS[1]}, ${IDENTIFIERS[2]}, e-mail ${IDENTIFIERS[3]}; give fluids.`;
const TELLING = /536-?22|22-8718|555-?0142|00482913|ashdown|harbor\.example/i;
const PLAIN = 'Rest, drink enough, and come back when the fever lasts. '.repeat(12);
const TOOLS = [{ type: 'function', name: 'write_note', parameters: { type: 'object' } }];

const FIXTURES = {
  whole: { content: SENTENCE },
  refusal: { refusal: SENTENCE },
  both: { content: SENTENCE, refusal: SENTENCE },
  tool: { toolArguments: { note: SENTENCE, contact: { email: IDENTIFIERS[3] } } },
  escaped: { toolArguments: JSON.stringify({ note: SENTENCE }).replaceAll('5', '\\u0035') },
  spokenTool: { content: SENTENCE, toolArguments: { note: SENTENCE } },
  filtered: { chunks: [PLAIN, 'and '], finishReason: 'content_filter' },
  filteredAtOnce: { chunks: [], finishReason: 'content_filter' },
  filteredLate: { chunks: [PLAIN, 'and '], error: { code: 'content_filter', message: SENTENCE } },
  filteredPrompt: { status: 400, error: 'content_filter' },
  cut: { chunks: [PLAIN, 'and ', 'fluids'], cutAfterChunks: 2 },
  nothing: { content: '' },
  rejected: {
    status: 400,
    error: { code: 'invalid_value', param: 'messages[0].content', message: SENTENCE },
  },
  rejectedFormat: { status: 400, error: { code: 'invalid_value', param: 'response_format' } },
  filed: {
    content: 'Rest.',
    usage: {
      prompt_tokens: 100,
      completion_tokens: 20,
      total_tokens: 120,
      prompt_tokens_details: { cached_tokens: 64 },
      completion_tokens_details: { reasoning_tokens: 8 },
    },
  },
};

let world: World;
before(async () => {
  world = await openWorld({ fixtures: FIXTURES });
});
after(() => world[Symbol.asyncDispose]());

const ROUTES = [
  '/v1/responses',
  '/openai/v1/responses',
  '/openai/responses',
  '/openai/responses?api-version=preview',
];

for (const path of ROUTES) {
  test(`a response is one object, or the same object at the end of its events: ${path}`, async () => {
    const whole = await respond(world, {}, { path });
    assert.deepEqual([whole.status, whole.body.object, whole.body.status], [200, 'response', 'completed']);
    const streamed = await respond(world, { stream: true }, { path });
    assert.equal(streamed.headers.get('content-type'), 'text/event-stream; charset=utf-8');
    const last = snapshotsIn(streamed.events).at(-1);
    assert.deepEqual(timeless(last), timeless(whole.body));
  });
}

/** Without what differs between two requests that ask the same. */
function timeless(response: ResponseObject | undefined): unknown {
  const { id: _, created_at, completed_at, stewardgate, output, ...rest } = response ?? assert.fail();
  assert.ok(Number(completed_at) >= created_at);
  const items = output.map(({ id, ...item }) => ('call_id' in item ? { ...item, call_id: 'call' } : item));
  return { ...rest, redactions: stewardgate?.redactions, output: items };
}

test('the ids of a response and its items are made of the id of the request', async () => {
  const { id, body } = await respond(world, { input: 'SIMULATE spokenTool', tools: TOOLS });
  const uuid = id.slice('req_'.length);
  assert.deepEqual(
    [body.id, ...body.output.map((item) => item.id)],
    [`resp_${uuid}`, `msg_${uuid}`, `fc_${uuid}_0`],
  );
});

test('the events come in the order of the API, each item and part opened before it is filled and closed after', async () => {
  const kinds = async (more: object) => {
    const { events } = await respond(world, { stream: true, ...more });
    return events
      .map(({ type }) => type.replace('response.', ''))
      .filter((type, at, all) => type !== all[at - 1]);
  };
  assert.deepEqual(await kinds({}), [
    'created',
    'in_progress',
    'output_item.added',
    'content_part.added',
    'output_text.delta',
    'output_text.done',
    'content_part.done',
    'output_item.done',
    'completed',
  ]);
  assert.deepEqual(await kinds({ input: 'SIMULATE refusal' }), [
    'created',
    'in_progress',
    'output_item.added',
    'content_part.added',
    'refusal.delta',
    'refusal.done',
    'content_part.done',
    'output_item.done',
    'completed',
  ]);
  assert.deepEqual(await kinds({ input: 'SIMULATE tool', tools: TOOLS }), [
    'created',
    'in_progress',
    'output_item.added',
    'function_call_arguments.delta',
    'function_call_arguments.done',
    'output_item.done',
    'completed',
  ]);
});

test('a stream has no [DONE] and holds its metadata in the last response alone', async () => {
  const { events, text, headers } = await respond(world, { stream: true, input: 'SIMULATE whole' });
  assert.doesNotMatch(text, /\[DONE\]/);
  const snapshots = snapshotsIn(events);
  assert.deepEqual(
    snapshots.map(({ stewardgate }) => stewardgate?.redactions),
    [undefined, undefined, 4],
  );
  assert.equal(snapshots.at(-1)?.stewardgate?.decision_id, headers.get('x-stewardgate-decision-id'));
  assert.ok(events.slice(0, -1).every((event) => !JSON.stringify(event).includes('stewardgate')));
});

for (const name of ['whole', 'refusal', 'both', 'tool', 'escaped', 'spokenTool'] as const) {
  test(`a text is redacted alike in all five places, and in the whole answer: ${name}`, async () => {
    const asked = { input: `SIMULATE ${name}`, tools: TOOLS };
    const streamed = await respond(world, { ...asked, stream: true });
    const whole = await respond(world, asked);
    assert.doesNotMatch(streamed.text, TELLING);
    assert.doesNotMatch(whole.text, TELLING);
    const copies = copiesIn(streamed.events);
    assert.equal(copies.size, ['both', 'spokenTool'].includes(name) ? 2 : 1);
    for (const { delta, done, part, item, response } of copies.values()) {
      assert.match(delta, /give fluids/);
      assert.deepEqual([done, part ?? delta, item, response], Array(4).fill(delta));
    }
    assert.deepEqual(timeless(snapshotsIn(streamed.events).at(-1)), timeless(whole.body));
    assert.ok(Number(whole.body.stewardgate?.redactions) >= 4);
  });
}

const words = fc.constantFrom(
  'Rest. ',
  'SSN 536-22-8718 ',
  'Call (507) 555-0142. ',
  '\u{1F3E5} ',
  'and so',
  '" \\ ',
  '',
);
const cuts = fc.infiniteStream(fc.integer({ min: 1, max: 9 }));

test('however the model cuts its words, the five copies are one text, the same as the whole answer', async () => {
  let batches: readonly (readonly ReplyEvent[])[] = [];
  const upstream: UpstreamModel = {
    ask: async () =>
      replyOf(
        (async function* () {
          yield* batches;
        })(),
      ),
    embed: () => Promise.reject(new Error('no embeddings here')),
    isReady: () => true,
  };
  const url = await world.serveWith((doors) => ({ ...doors, house: { ...doors.house, upstream } }));
  const served = { url, demo: world.demo };
  const said = fc.record({ content: fc.array(words), refusal: fc.array(words), note: fc.array(words), cuts });
  const law = fc.asyncProperty(said, async ({ content, refusal, note, cuts }) => {
    const spoken: readonly ReplyEvent[] = [
      ...pieces(content.join(''), cuts).map(
        (text) => ({ kind: 'text', choice: 0, field: 'content', text }) as const,
      ),
      ...pieces(refusal.join(''), cuts).map(
        (text) => ({ kind: 'text', choice: 0, field: 'refusal', text }) as const,
      ),
      { kind: 'toolCall', choice: 0, index: 0, id: 'call_1', name: 'write_note' },
      ...pieces(JSON.stringify({ note: note.join('') }), cuts).map(
        (text) => ({ kind: 'toolArguments', choice: 0, index: 0, text }) as const,
      ),
      { kind: 'finish', choice: 0, reason: 'tool_calls' },
    ];
    batches = spoken.map((event) => [event]);
    const streamed = await respond(served, { tools: TOOLS, stream: true });
    batches = [spoken];
    const whole = await respond(served, { tools: TOOLS });
    assert.doesNotMatch(streamed.text + whole.text, TELLING);
    for (const copies of copiesIn(streamed.events).values()) {
      const { part, ...always } = copies;
      assert.equal(new Set([...Object.values(always), part ?? copies.item]).size, 1);
    }
    assert.deepEqual(timeless(snapshotsIn(streamed.events).at(-1)), timeless(whole.body));
  });
  await fc.assert(law, { numRuns: 40 });
});

function pieces(text: string, cuts: Iterable<number>): readonly string[] {
  const cut: string[] = [];
  let at = 0;
  for (const size of cuts) {
    if (at >= text.length) break;
    cut.push(text.slice(at, at + size));
    at += size;
  }
  return cut;
}

const OWN: Readonly<Record<string, unknown>> = {
  instructions: 'Answer in two sentences.',
  metadata: { ward: '7', note: 'kept by the caller' },
  tools: [
    {
      type: 'function',
      name: 'write_note',
      description: 'Writes',
      parameters: { type: 'object' },
      strict: false,
    },
  ],
  tool_choice: 'none',
  parallel_tool_calls: false,
  text: { format: { type: 'json_object' }, verbosity: 'low' },
  reasoning: { effort: 'low', summary: 'auto' },
  temperature: 0.25,
  top_p: 0.5,
  user: 'clinician-1',
  safety_identifier: 'ward-7',
  prompt_cache_key: 'rounds',
};

test("every snapshot of the response gives back the caller's own, to the letter", async () => {
  const ending = async (more: object) => {
    const reply = await respond(world, { ...OWN, ...more });
    return reply.headers.get('content-type')?.startsWith('text/event-stream')
      ? snapshotsIn(reply.events)
      : [reply.body];
  };
  const snapshots = [
    ...(await ending({})),
    ...(await ending({ stream: true })),
    ...(await ending({ stream: true, input: 'SIMULATE filtered' })),
    ...(await ending({ stream: true, input: 'SIMULATE cut' })),
  ];
  assert.deepEqual(
    new Set(snapshots.map(({ status }) => status)),
    new Set(['in_progress', 'completed', 'incomplete', 'failed']),
  );
  for (const snapshot of snapshots) {
    const given = Object.fromEntries(Object.entries(snapshot).filter(([name]) => name in OWN));
    assert.deepEqual(given, OWN);
  }
});

test('a caller that says nothing of itself reads the defaults, and that nothing is stored', async () => {
  const { body } = await respond(world, {});
  const { instructions, metadata, tools, tool_choice, text, store, background, previous_response_id } = body;
  assert.deepEqual([instructions, metadata, tools, tool_choice], [null, {}, [], 'auto']);
  assert.deepEqual(
    [text, store, background, previous_response_id],
    [{ format: { type: 'text' } }, false, false, null],
  );
});

test("the figures of the model's host are told in the shape of the API", async () => {
  const usage = {
    input_tokens: 100,
    input_tokens_details: { cached_tokens: 64 },
    output_tokens: 20,
    output_tokens_details: { reasoning_tokens: 8 },
    total_tokens: 120,
  };
  const whole = await respond(world, 'SIMULATE filed');
  const streamed = await respond(world, { input: 'SIMULATE filed', stream: true });
  assert.deepEqual(whole.body.usage, usage);
  assert.deepEqual(
    snapshotsIn(streamed.events).map((snapshot) => snapshot.usage),
    [null, null, usage],
  );
});

for (const stream of [false, true]) {
  test(`a request is decided once, completed once and metered once (stream: ${stream})`, async () => {
    const reply = await respond(world, { stream });
    const records = await world.recordsOf(reply.id);
    assert.deepEqual(
      records.map(({ phase, outcome }) => [phase, outcome]),
      [
        ['decided', null],
        ['completed', 'success'],
      ],
    );
    const [line, ...more] = await world.usageOf(reply.id);
    assert.deepEqual(more, []);
    const usage = (stream ? snapshotsIn(reply.events).at(-1) : reply.body)?.usage;
    assert.deepEqual(
      [Number(line?.tokensIn), Number(line?.tokensOut)],
      [usage?.input_tokens, usage?.output_tokens],
    );
    assert.deepEqual(
      world.callsToModel().filter((id) => id === reply.id),
      [reply.id],
    );
  });

  test(`an answer that policy stops is incomplete, with what was said before (stream: ${stream})`, async () => {
    for (const [name, text] of [
      ['filtered', `${PLAIN}and `],
      ['filteredAtOnce', undefined],
    ] as const) {
      const reply = await respond(world, { input: `SIMULATE ${name}`, stream });
      const last = (stream ? snapshotsIn(reply.events).at(-1) : reply.body) ?? assert.fail();
      assert.deepEqual([last.status, last.incomplete_details], ['incomplete', { reason: 'content_filter' }]);
      assert.equal(stream ? reply.events.at(-1)?.type : 'response.incomplete', 'response.incomplete');
      const [item] = last.output;
      const [part] = item?.type === 'message' ? item.content : [];
      assert.equal(part?.type === 'output_text' ? part.text : undefined, text);
      assert.equal(item?.status, text === undefined ? undefined : 'incomplete');
      assert.ok(Number(last.usage?.input_tokens) > 0);
      assert.equal((await world.recordsOf(reply.id)).at(-1)?.outcome, 'success');
    }
  });
}

test('an answer that fills its room is incomplete; only its last item is', async () => {
  const cut = await respond(world, { max_output_tokens: 8, stream: true });
  const last = snapshotsIn(cut.events).at(-1);
  assert.deepEqual([last?.status, last?.incomplete_details?.reason], ['incomplete', 'max_output_tokens']);
  assert.deepEqual([last?.output[0]?.status, last?.completed_at], ['incomplete', null]);
  assert.equal(last?.max_output_tokens, 8);
});

test('an answer of no words is a message of no words', async () => {
  const { body } = await respond(world, 'SIMULATE nothing');
  const [item] = body.output;
  assert.ok(item?.type === 'message' && body.status === 'completed');
  assert.deepEqual(item.content, [{ type: 'output_text', text: '', annotations: [], logprobs: [] }]);
});

const BREAKS = [
  ['cut', 'upstream_error'],
  ['filteredLate', 'content_filter'],
] as const;
for (const [name, code] of BREAKS) {
  test(`a stream that breaks off ends in the nested error and a failed response: ${name}`, async () => {
    const reply = await respond(world, { input: `SIMULATE ${name}`, stream: true });
    const [error, failed] = reply.events.slice(-2);
    assert.ok(error !== undefined && 'error' in error && failed?.type === 'response.failed');
    assert.deepEqual([error.error.code, error.error.inner_error.request_id], [code, reply.id]);
    const response = snapshotsIn(reply.events).at(-1);
    assert.deepEqual([response?.status, response?.error?.code, response?.usage], ['failed', code, null]);
    assert.deepEqual([response?.output[0]?.status, response?.completed_at], ['incomplete', null]);
    assert.ok(!reply.events.some(({ type }) => /(completed|incomplete|done)$/.test(type)));
    assert.doesNotMatch(reply.text, TELLING);
    const ending = (await world.recordsOf(reply.id)).at(-1);
    assert.deepEqual([ending?.phase, ending?.errorCode], ['completed', code]);
    assert.equal((await world.usageOf(reply.id)).length, 1);
  });
}

test('a response whose last record is not durable is not completed', async () => {
  const url = await world.serveWith((doors) => {
    const { ledger } = doors.house;
    const append: typeof ledger.append = (record, usage) =>
      record.phase === 'completed'
        ? Promise.reject(new Problem('audit_unavailable'))
        : ledger.append(record, usage);
    return { ...doors, house: { ...doors.house, ledger: { isReady: () => true, append } } };
  });
  const served = { url, demo: world.demo };
  const whole = await respond(served, {});
  assert.deepEqual([whole.status, whole.error.code], [503, 'audit_unavailable']);
  const { events } = await respond(served, { stream: true });
  assert.deepEqual(
    events.slice(-2).map(({ type }) => type),
    ['error', 'response.failed'],
  );
  assert.ok(!events.some(({ type }) => /(completed|done)$/.test(type)));
});

const REFUSED: readonly (readonly [object, number, string, string])[] = [
  [{ store: true }, 400, 'invalid_parameter', 'store'],
  [{ background: true }, 400, 'invalid_parameter', 'background'],
  [{ previous_response_id: 'resp_1' }, 400, 'invalid_parameter', 'previous_response_id'],
  [{ conversation: 'conv_1' }, 400, 'invalid_parameter', 'conversation'],
  [{ prompt: { id: 'pmpt_1' } }, 400, 'invalid_parameter', 'prompt'],
  [{ include: ['file_search_call.results'] }, 400, 'invalid_parameter', 'include'],
  [{ data_sources: [{ type: 'azure_search' }] }, 400, 'unknown_parameter', 'data_sources'],
  [{ messages: [] }, 400, 'unknown_parameter', 'messages'],
  [{ tools: [{ type: 'web_search' }] }, 403, 'tool_not_allowed', 'tools'],
  [
    { tools: [{ type: 'mcp', server_label: 'x', server_url: 'https://tools.example' }] },
    403,
    'tool_not_allowed',
    'tools',
  ],
  [
    {
      input: [
        { role: 'user', content: [{ type: 'input_image', image_url: 'https://images.example/a.png' }] },
      ],
    },
    400,
    'remote_url_not_allowed',
    'input.0',
  ],
  [{ input: 'SIMULATE filteredPrompt' }, 400, 'content_filter', ''],
  [{ input: 'SIMULATE rejected' }, 400, 'upstream_rejected', 'input'],
  [{ input: 'SIMULATE rejectedFormat' }, 400, 'upstream_rejected', 'text.format'],
  [{ model: 'mayo-cr-9' }, 404, 'model_not_found', 'model'],
];

for (const [more, status, code, param] of REFUSED) {
  test(`what is refused is refused by its code and its parameter: ${JSON.stringify(more).slice(0, 60)}`, async () => {
    for (const stream of [false, true]) {
      const reply = await respond(world, { ...more, stream });
      const { error } = reply;
      assert.deepEqual([reply.status, error.code, error.param ?? ''], [status, code, param]);
      assert.equal(reply.headers.get('x-should-retry'), 'false');
      const endings = (await world.recordsOf(reply.id)).filter(({ phase }) => phase !== 'decided');
      assert.deepEqual(
        endings.map(({ errorCode, httpStatus }) => [errorCode, httpStatus]),
        [[code, status]],
      );
    }
  });
}

test('chat completions refuse the same tools and URLs', async () => {
  const where = { url: world.url, key: keyOf(world.demo, 'northwind') };
  const searched = await ask(where, { tools: [{ type: 'web_search' }] });
  assert.deepEqual([searched.status, searched.body.error.code], [403, 'tool_not_allowed']);
  assert.equal((await world.recordsOf(searched.id))[0]?.eventType, 'policy.denied');
  const part = { type: 'image_url', image_url: { url: 'http://169.254.169.254/latest/meta-data' } };
  const pictured = await ask(where, { messages: [{ role: 'user', content: [part] }] });
  assert.deepEqual([pictured.status, pictured.body.error.code], [400, 'remote_url_not_allowed']);
  const searchedData = await ask(where, { data_sources: [{ type: 'azure_search' }] });
  assert.deepEqual(
    [searchedData.status, searchedData.body.error.code, searchedData.body.error.param],
    [400, 'unknown_parameter', 'data_sources'],
  );
});

test('identifiers anywhere in the request are undeclared, and the parameter is named as the API names it', async () => {
  const output = JSON.stringify({ ssn: IDENTIFIERS[0] });
  const call = { type: 'function_call', call_id: 'a', name: 'write_note', arguments: '{}' };
  const format = { type: 'json_schema', name: 'x', schema: { const: SENTENCE } };
  const asked = [
    [{ instructions: SENTENCE }, 'input', 'lakeside'],
    [{ input: [call, { type: 'function_call_output', call_id: 'a', output }] }, 'input', 'lakeside'],
    [{ input: [{ ...call, arguments: output }] }, 'input', 'lakeside'],
    [{ text: { format } }, 'input', 'lakeside'],
    [{ input: [{ ...call, name: 'MRN_00482913' }] }, 'input', 'northwind'],
    [{ text: { format: { ...format, name: 'MRN_00482913' } } }, 'text.format', 'northwind'],
  ] as const;
  for (const [more, param, tenant] of asked) {
    const reply = await respond(world, more, { tenant });
    assert.deepEqual([reply.status, reply.error?.code, reply.error?.param], [400, 'undeclared_phi', param]);
    assert.doesNotMatch(reply.text, TELLING);
    assert.ok(!world.callsToModel().includes(reply.id));
  }
});

test('a response cannot be asked for again, changed or taken away: nothing is kept', async () => {
  const { body } = await respond(world, {});
  for (const base of ['/v1', '/openai/v1', '/openai']) {
    for (const [method, tail] of [
      ['GET', `/${body.id}`],
      ['DELETE', `/${body.id}`],
      ['POST', `/${body.id}/cancel`],
      ['GET', `/${body.id}/input_items`],
      ['POST', '/compact'],
      ['POST', '/input_tokens'],
    ] as const) {
      const headers = { 'api-key': keyOf(world.demo, 'northwind') };
      const reply = await fetch(`${world.url}${base}/responses${tail}`, { method, headers });
      assert.equal(reply.status, 404, `${method} ${tail}`);
    }
  }
  const listed = await fetch(`${world.url}/v1/responses`, { headers: { 'api-key': 'x' } });
  assert.deepEqual([listed.status, listed.headers.get('allow')], [405, 'POST']);
});
