import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import {
  DONE,
  finish,
  frame,
  type Script,
  type ScriptedHost,
  scriptedHost,
  sse,
} from '../adapters/upstream/scripted-host.ts';
import { keyOf, openWorld, type World } from '../world.ts';
import { DRIVERS } from './drivers.ts';
import { noteDown } from './notebook.ts';
import { faultsOf } from './schemas.ts';

let host: ScriptedHost;
let script: Script;
let world: World;
before(async () => {
  host = await scriptedHost((response, request, nth) => script(response, request, nth));
  const environment = {
    MODEL_UPSTREAM: 'azure',
    MODEL_UPSTREAM_URL: host.baseUrl,
    MODEL_UPSTREAM_API_KEY: 'upstream-secret',
  };
  world = await openWorld({ environment });
});
after(async () => {
  await world[Symbol.asyncDispose]();
  await host[Symbol.asyncDispose]();
});

const SECRET = 'words that only the host should know';
const results = { custom_blocklists: { details: [{ id: SECRET, filtered: false }] } };
const offsets = { check_offset: 44, start_offset: 44, end_offset: 121 };
const usage = { prompt_tokens: 21, completion_tokens: 9, total_tokens: 30 };
const choice = (more: object) => [{ index: 0, finish_reason: null, ...more }];

/** As Azure was seen to send it: filter results first, in between and late; obfuscation; ids empty or missing. */
const FIRST = frame({
  choices: [],
  created: 0,
  id: '',
  model: '',
  object: '',
  prompt_filter_results: [{ prompt_index: 0, content_filter_results: results }],
});
const OLD_FIRST = frame({ choices: [], id: '', prompt_annotations: [{ prompt_index: 0, [SECRET]: SECRET }] });
const role = frame({ choices: choice({ delta: { role: 'assistant', content: '', refusal: null } }) });
const said = (content: string) =>
  frame({
    id: 'chatcmpl-azure',
    created: 1_750_000_000,
    model: 'gpt-azure-2026-01-01',
    obfuscation: SECRET,
    choices: choice({ delta: { content }, logprobs: null, content_filter_results: results }),
  });
const LATE_FILTER = frame({
  id: '',
  choices: choice({
    content_filter_offsets: offsets,
    content_filter_raw: SECRET,
    content_filter_results: results,
  }),
});
const BLOCKED = frame({
  choices: [{ index: 0, finish_reason: 'content_filter', content_filter_offsets: offsets }],
});
const USAGE = frame({ choices: [], id: 'chatcmpl-azure', usage });

const WORDS = ['Rest, ', 'fluids ', 'and a review.'].map(said);
const STREAMS: Readonly<Record<string, { readonly pieces: readonly string[]; readonly finish: string }>> = {
  'filter results before the first word': {
    pieces: [FIRST, role, ...WORDS, finish(), USAGE, DONE],
    finish: 'stop',
  },
  'annotations under their old name': {
    pieces: [OLD_FIRST, ...WORDS, finish(), USAGE, DONE],
    finish: 'stop',
  },
  'filter results late and without a delta': {
    pieces: [FIRST, role, ...WORDS, LATE_FILTER, finish(), LATE_FILTER, USAGE, DONE],
    finish: 'stop',
  },
  'a block without a delta': {
    pieces: [FIRST, role, ...WORDS, BLOCKED, USAGE, DONE],
    finish: 'content_filter',
  },
  'usage on the finish chunk, and again': {
    pieces: [
      ...WORDS,
      frame({ choices: [{ index: 0, delta: {}, finish_reason: 'stop' }], usage }),
      USAGE,
      USAGE,
      DONE,
    ],
    finish: 'stop',
  },
  'no [DONE]': { pieces: [...WORDS, finish(), USAGE], finish: 'stop' },
  'frames ended by CRLF': {
    pieces: [FIRST, ...WORDS, finish(), USAGE, DONE].map((piece) => piece.replaceAll('\n', '\r\n')),
    finish: 'stop',
  },
};

for (const [name, { pieces, finish: reason }] of Object.entries(STREAMS)) {
  test(`what Azure adds is normalised away: ${name}`, async () => {
    script = sse(...pieces);
    const reply = await world.ask({ stream: true, stream_options: { include_usage: true } });
    const { chunks, isDone } = reply.stream;
    assert.deepEqual(
      chunks.flatMap((chunk) => faultsOf('chunk', chunk)),
      [],
    );
    assert.deepEqual([reply.stream.text(), isDone], ['Rest, fluids and a review.', true]);
    const heads = chunks.map(({ id, model, created }) => JSON.stringify([id, model, created]));
    assert.equal(new Set(heads).size, 1);
    assert.ok(
      !reply.text.includes(SECRET) && !reply.text.includes('gpt-azure') && !reply.text.includes('offset'),
    );
    assert.equal(chunks.at(-2)?.choices[0]?.finish_reason, reason);
    assert.equal(chunks.at(-1)?.usage?.completion_tokens, 9);
  });

  test(`every client understands what is left: ${name}`, async () => {
    script = sse(...pieces);
    for (const driver of DRIVERS) {
      const place = { url: world.url, key: keyOf(world.demo, 'northwind'), headers: {}, retriesMax: 0 };
      const seen = await noteDown((ear) =>
        driver.open(place).stream({ content: 'a cough', model: 'mayo-cr-1' }, ear),
      );
      assert.deepEqual(
        [seen.text, seen.finish, seen.usage, seen.error],
        ['Rest, fluids and a review.', reason, { input: 21, output: 9 }, null],
        driver.name,
      );
    }
  });
}

async function droppedBy(...pieces: readonly string[]) {
  script = sse(...pieces);
  const reply = await world.ask({ stream: true });
  assert.equal(reply.status, 200);
  const record = (await world.recordsOf(reply.id)).at(-1);
  return { reply, dropped: record?.body.upstreamDropped, record: JSON.stringify(record) };
}

test('a host that keeps to its wire leaves no note of dropped things', async () => {
  const { dropped } = await droppedBy(FIRST, role, ...WORDS, LATE_FILTER, finish(), USAGE, DONE);
  assert.equal(dropped, undefined);
});

test('fields that no wire has are dropped and counted, their names kept nowhere', async () => {
  const odd = frame({
    [SECRET]: 1,
    choices: choice({ delta: { content: 'Rest.', reasoning_content: SECRET, [SECRET]: 2 }, [SECRET]: 3 }),
  });
  const { reply, dropped, record } = await droppedBy(odd, finish(), DONE);
  assert.equal(reply.stream.text(), 'Rest.');
  assert.deepEqual(dropped, { unknown_fields: 4, post_done_data: 0 });
  assert.ok(!reply.text.includes(SECRET) && !record.includes(SECRET));
});

test('what a host says after [DONE] reaches nobody, and is noted', async () => {
  const tail = [said(SECRET), frame({ error: { message: SECRET } })];
  const { reply, dropped, record } = await droppedBy(...WORDS, finish(), USAGE, DONE + tail.join(''));
  assert.equal(reply.stream.text(), 'Rest, fluids and a review.');
  assert.equal(reply.stream.isDone, true);
  assert.deepEqual(dropped, { unknown_fields: 0, post_done_data: 2 });
  assert.ok(!reply.text.includes(SECRET) && !record.includes(SECRET));
});

test('a whole answer of the host is counted alike', async () => {
  const message = { role: 'assistant', content: 'Rest.', refusal: null, [SECRET]: 1 };
  const body = { id: 'x', choices: [{ index: 0, message, finish_reason: 'stop' }], usage, [SECRET]: 2 };
  script = (response) => {
    response.writeHead(200, { 'content-type': 'application/json' });
    response.end(JSON.stringify(body));
  };
  const reply = await world.ask('a cough');
  assert.deepEqual(faultsOf('completion', reply.body), []);
  const record = (await world.recordsOf(reply.id)).at(-1);
  assert.deepEqual(record?.body.upstreamDropped, { unknown_fields: 2, post_done_data: 0 });
});
