import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { after, before, test } from 'node:test';
import { sql } from 'drizzle-orm';
import { idempotency } from '../../gateway/adapters/postgres/schema/idempotency.ts';
import type { UpstreamModel } from '../../gateway/core/models/upstream.ts';
import { Problem } from '../../gateway/domain/problem.ts';
import { createApp } from '../../gateway/http/app.ts';
import { createBoundedServer, drain } from '../../gateway/http/server.ts';
import type { Replays } from '../../gateway/pipeline/house.ts';
import type { Asking, Question } from '../support/ask.ts';
import { replyOf } from '../support/reply.ts';
import { newPartner } from '../support/steward.ts';
import { until } from '../support/until.ts';
import { keyOf, openWorld, type World } from '../world.ts';

const SECRET_WORD = 'zebrafish';

let world: World;
before(async () => {
  world = await openWorld({
    fixtures: {
      told: `Rest, drink, and call ${SECRET_WORD}.`,
      pieces: { chunks: ['Rest, ', 'drink, ', 'call 507-555-0142 ', 'and sleep.'] },
      unwell: { status: 500, error: 'boom' },
      broken: { chunks: ['Rest, drink, ', 'sleep '], cutAfterChunks: 1 },
    },
  });
});
after(() => world[Symbol.asyncDispose]());

const under = (key: string, more: Readonly<Record<string, string>> = {}) => ({
  headers: { 'idempotency-key': key, ...more },
});
const ask = (question: Question, as: Partial<Asking>) => world.ask(question, as);
const isReplay = (reply: { readonly headers: Headers }) =>
  reply.headers.get('idempotent-replayed') === 'true';
const rows = () => world.gateway.database.handle.select().from(idempotency);

/** The same gateway with a model of the test's own, or with other replay settings. */
function serve(upstream: UpstreamModel | undefined, replays: Partial<Replays> = {}): Promise<string> {
  return world.serveWith((doors) => {
    const { house } = doors;
    const changed = { ...house, replays: { ...house.replays, ...replays } };
    return { ...doors, house: upstream === undefined ? changed : { ...changed, upstream } };
  });
}

/** A model that answers only when it is let go, and counts how often it was asked. */
function heldModel() {
  const gate = Promise.withResolvers<void>();
  const model = { asked: 0, letGo: gate.resolve };
  const upstream: UpstreamModel = {
    isReady: () => true,
    embed: () => Promise.reject(new Error('no embeddings here')),
    async ask() {
      model.asked += 1;
      await gate.promise;
      const usage = { input: 9, cachedInput: 0, output: 4, reasoning: 0 };
      return replyOf(
        (async function* () {
          yield [
            { kind: 'text' as const, choice: 0, field: 'content' as const, text: 'Rest and fluids. ' },
            { kind: 'finish' as const, choice: 0, reason: 'stop' as const },
            { kind: 'usage' as const, usage },
          ];
        })(),
      );
    },
  };
  return { model, upstream };
}

test('the second request under a key is given the first answer, and nobody is asked or charged again', async () => {
  const key = randomUUID();
  const first = await ask('SIMULATE told', under(key));
  const asked = world.callsToModel().length;
  const second = await ask('SIMULATE told', under(key));
  assert.deepEqual([first.status, second.status, second.text], [200, 200, first.text]);
  assert.deepEqual([isReplay(first), isReplay(second)], [false, true]);
  assert.equal(world.callsToModel().length, asked);
  for (const name of [
    'content-type',
    'x-stewardgate-decision-id',
    'x-stewardgate-model-version',
    'x-stewardgate-policy-set',
    'x-stewardgate-redactions',
  ])
    assert.equal(second.headers.get(name), first.headers.get(name), name);
  assert.notEqual(second.id, first.id);
  assert.equal((await world.usageOf(first.id)).length, 1);
  assert.deepEqual(await world.usageOf(second.id), []);
});

test('a replay has one record of its own, which names the first request', async () => {
  const key = randomUUID();
  const first = await ask('a cough', under(key));
  const { id } = await ask('a cough', under(key));
  const [record, ...more] = await world.recordsOf(id);
  assert.deepEqual(more, []);
  assert.deepEqual(
    [record?.phase, record?.eventType, record?.outcome, record?.httpStatus, record?.body.replayOf],
    ['single', 'model.replay', 'success', 200, first.id],
  );
  assert.deepEqual([record?.tokensIn, record?.tokensOut], [null, null]);
  assert.equal(record?.decision, 'allow_with_obligations');
});

test('twenty at once under one key are one call, one usage line and one answer', async () => {
  const key = randomUUID();
  const { model, upstream } = heldModel();
  const url = await serve(upstream);
  const asking = Array.from({ length: 20 }, () => ask('at once', { url, ...under(key) }));
  assert.ok(await until(() => model.asked === 1));
  model.letGo();
  const replies = await Promise.all(asking);
  assert.deepEqual(new Set(replies.map(({ status }) => status)), new Set([200]));
  assert.equal(new Set(replies.map(({ text }) => text)).size, 1);
  assert.equal(replies.filter((reply) => !isReplay(reply)).length, 1);
  assert.equal(model.asked, 1);
  const usage = await Promise.all(replies.map(({ id }) => world.usageOf(id)));
  assert.equal(usage.flat().length, 1);
});

test('a replayed stream is the first one to the byte', async () => {
  const key = randomUUID();
  const question = { content: 'SIMULATE pieces', stream: true, stream_options: { include_usage: true } };
  const first = await ask(question, under(key));
  const second = await ask(question, under(key));
  assert.ok(first.stream.isDone && first.stream.chunks.length > 3);
  assert.equal(second.text, first.text);
  assert.ok(isReplay(second) && !second.text.includes('555-0142'));
  assert.equal(second.headers.get('content-type'), 'text/event-stream; charset=utf-8');
});

const OTHERS: readonly (readonly [string, Question, Readonly<Record<string, string>>])[] = [
  ['other words', 'a fever', {}],
  ['the same words streamed', { content: 'a cough', stream: true }, {}],
  ['another temperature', { content: 'a cough', temperature: 0.5 }, {}],
  ['another purpose', 'a cough', { 'x-stewardgate-purpose': 'TREAT', 'x-stewardgate-user': 'clinician-1' }],
  ['another data class', 'a cough', { 'x-stewardgate-data-class': 'limited' }],
  ['another user', 'a cough', { 'x-stewardgate-user': 'clinician-2' }],
  ['another patient', 'a cough', { 'x-stewardgate-patient-ref': 'pt7f3a9c21' }],
  ['a consent', 'a cough', { 'x-stewardgate-consent': 'consent-12' }],
];
for (const [what, question, headers] of OTHERS) {
  test(`a key that named another request is refused: ${what}`, async () => {
    const key = randomUUID();
    assert.equal((await ask('a cough', under(key))).status, 200);
    const asked = world.callsToModel().length;
    const reply = await ask(question, under(key, headers));
    assert.deepEqual([reply.status, reply.body.error.code], [422, 'idempotency_mismatch']);
    assert.equal(reply.headers.get('x-should-retry'), 'false');
    assert.equal(world.callsToModel().length, asked);
    assert.deepEqual(
      (await world.recordsOf(reply.id)).map(({ phase, eventType }) => [phase, eventType]),
      [['single', 'request.invalid']],
    );
  });
}

test('one key on two routes names two requests', async () => {
  const key = randomUUID();
  await ask('a cough', under(key));
  const response = await fetch(
    `${world.url}/openai/deployments/mayo-cr/chat/completions?api-version=2024-10-21`,
    {
      method: 'POST',
      headers: {
        'api-key': keyOf(world.demo, 'northwind'),
        'content-type': 'application/json',
        'idempotency-key': key,
      },
      body: JSON.stringify({ messages: [{ role: 'user', content: 'a cough' }] }),
    },
  );
  assert.deepEqual(
    [response.status, ((await response.json()) as { error: { code: string } }).error.code],
    [422, 'idempotency_mismatch'],
  );
});

test('a key of one tenant or client means nothing to another', async () => {
  const key = randomUUID();
  const partners = [await newPartner(world), await newPartner(world)];
  const first = await ask('a cough', under(key));
  for (const partner of partners) {
    const reply = await ask('a fever', { key: partner.key, ...under(key) });
    assert.deepEqual([reply.status, isReplay(reply)], [200, false]);
    assert.notEqual(reply.body.id, first.body.id);
  }
});

test('the id that Azure clients keep through their retries works as a key when it is a UUID', async () => {
  const id = randomUUID();
  const first = await ask('a cough', { headers: { 'x-ms-client-request-id': id } });
  const second = await ask('a cough', { headers: { 'x-ms-client-request-id': id.toUpperCase() } });
  assert.deepEqual([second.text, isReplay(second)], [first.text, true]);
  for (const headers of [{ 'x-ms-client-request-id': 'my-app' }, {}]) {
    const [one, other] = [await ask('a cough', { headers }), await ask('a cough', { headers })];
    assert.notEqual(one.body.id, other.body.id);
  }
});

test('of two names the idempotency key counts', async () => {
  const id = randomUUID();
  const both = (key: string) => under(key, { 'x-ms-client-request-id': id });
  const first = await ask('a cough', both('one'));
  const second = await ask('a cough', both('two'));
  assert.notEqual(second.body.id, first.body.id);
});

for (const key of ['', 'with a space', 'x'.repeat(256), 'caf\u00e9']) {
  test(`a key that is not 1 to 255 visible ASCII characters is refused: ${JSON.stringify(key.slice(0, 14))}`, async () => {
    const reply = await ask('a cough', under(key));
    const { code, param } = reply.body.error;
    assert.deepEqual([reply.status, code, param], [400, 'invalid_parameter', 'idempotency-key']);
  });
}

for (const content of ['SIMULATE unwell', 'SIMULATE broken']) {
  for (const stream of [false, true]) {
    test(`a request that ends without an answer gives its key back: ${content}, stream: ${stream}`, async () => {
      const key = randomUUID();
      const before = world.callsToModel().length;
      await ask({ content, stream }, under(key));
      await ask({ content, stream }, under(key));
      assert.equal(world.callsToModel().length, before + 2);
      const good = await ask('a cough', under(key));
      assert.deepEqual([good.status, isReplay(good)], [200, false]);
    });
  }
}

test('a request that finds no room gives its key back', async () => {
  const limits = { requests_per_minute: 1, tokens_per_minute: 100_000, concurrent: 1 };
  const partner = await newPartner(world, { limits });
  await ask('a cough', { key: partner.key });
  const count = (await rows()).length;
  const reply = await ask('a cough', { key: partner.key, ...under(randomUUID()) });
  assert.equal(reply.status, 429);
  assert.equal((await rows()).length, count);
});

test('a name that is given back just as a duplicate asks for it is tried again, not refused', async () => {
  const { claims } = world.gateway.doors.house.replays;
  let asked = 0;
  const url = await serve(undefined, {
    claims: {
      ...claims,
      claim: (claim, times) => {
        asked += 1;
        return asked <= 2 ? Promise.resolve({ kind: 'nobody' }) : claims.claim(claim, times);
      },
    },
  });
  const reply = await ask('a cough', { url, ...under(randomUUID()) });
  assert.deepEqual([reply.status, asked], [200, 3], reply.text);
});

const SEALED_AWAY = [
  ['a rule keeps no content', { 'x-stewardgate-data-class': 'phi' }, 'a cough', {}],
  ['the setting keeps none', {}, 'a cough', { retentionMs: 0 }],
] as const;
for (const [why, headers, question, replays] of SEALED_AWAY) {
  test(`a duplicate is refused and asks nobody where ${why}`, async () => {
    const key = randomUUID();
    const url = await serve(undefined, replays);
    const first = await ask(question, { url, ...under(key, headers) });
    assert.equal(first.status, 200, first.text.slice(0, 200));
    const asked = world.callsToModel().length;
    const second = await ask(question, { url, ...under(key, headers) });
    assert.deepEqual([second.status, second.body.error.code], [422, 'duplicate_request']);
    assert.equal(second.headers.get('x-should-retry'), 'false');
    assert.equal(world.callsToModel().length, asked);
    const kept = (await rows()).filter(({ requestId }) => requestId === first.id);
    assert.deepEqual(
      kept.map(({ state, answer }) => [state, answer]),
      [['finished', null]],
    );
  });
}

test('a duplicate that has waited long enough is refused, never with 409', async () => {
  const { model, upstream } = heldModel();
  const url = await serve(upstream, { waitMsMax: 50 });
  const key = randomUUID();
  const first = ask('at once', { url, ...under(key) });
  assert.ok(await until(() => model.asked === 1));
  const second = await ask('at once', { url, ...under(key) });
  assert.deepEqual([second.status, second.body.error.code], [422, 'duplicate_request']);
  const other = await ask('something else', { url, ...under(key) });
  assert.equal(other.body.error.code, 'idempotency_mismatch');
  model.letGo();
  assert.equal((await first).status, 200);
});

test('a duplicate whose caller leaves waits no longer, and is recorded so', async () => {
  const { model, upstream } = heldModel();
  const { claims } = world.gateway.doors.house.replays;
  let looks = 0;
  const look: typeof claims.look = (...args) => {
    looks += 1;
    return claims.look(...args);
  };
  const url = await serve(upstream, { claims: { ...claims, look } });
  const key = randomUUID();
  const first = ask('at once', { url, ...under(key) });
  assert.ok(await until(() => model.asked === 1));
  const leave = new AbortController();
  const id = randomUUID();
  const second = ask('at once', { url, signal: leave.signal, ...under(key, { 'x-request-id': id }) });
  const rejected = assert.rejects(second);
  assert.ok(await until(() => looks > 0));
  leave.abort();
  await rejected;
  assert.ok(await until(async () => (await world.recordsOf(id)).length === 1));
  assert.equal((await world.recordsOf(id))[0]?.outcome, 'client_aborted');
  model.letGo();
  await first;
});

test('an answer whose caller left before its end is there for the retry', async (t) => {
  const { model, upstream } = heldModel();
  const { doors } = world.gateway;
  const answer = createApp({ ...doors, house: { ...doors.house, upstream } });
  let closed = 0;
  const server = createBoundedServer(doors, (request, response) => {
    response.once('close', () => {
      closed += 1;
    });
    answer(request, response);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.after(() => drain(server, doors.traffic, { answersMs: 1_000, endingsMs: 1_000 }));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const key = randomUUID();
  const leave = new AbortController();
  const id = randomUUID();
  const lost = ask('at once', { url, signal: leave.signal, ...under(key, { 'x-request-id': id }) });
  const rejected = assert.rejects(lost);
  assert.ok(await until(() => model.asked === 1));
  leave.abort();
  await rejected;
  assert.ok(await until(() => closed === 1));
  model.letGo();
  const retry = await ask('at once', { url, ...under(key) });
  assert.deepEqual([retry.status, isReplay(retry), model.asked], [200, true, 1]);
  assert.equal((await world.recordsOf(id)).at(-1)?.outcome, 'client_aborted');
});

test('while nobody can say whether a request is new, one with a key is refused and one without is answered', async () => {
  const down = () => Promise.reject(new Problem('service_unavailable'));
  const url = await serve(undefined, { claims: { claim: down, look: down, finish: down, release: down } });
  const asked = world.callsToModel().length;
  const reply = await ask('a cough', { url, ...under(randomUUID()) });
  assert.deepEqual([reply.status, reply.body.error.code], [503, 'service_unavailable']);
  assert.equal(world.callsToModel().length, asked);
  assert.equal((await ask('a cough', { url })).status, 200);
});

test('an answer that storage does not take goes out all the same, and the fault is logged', async () => {
  const { claims } = world.gateway.doors.house.replays;
  const down = () => Promise.reject(new Problem('service_unavailable'));
  const url = await serve(undefined, { claims: { ...claims, finish: down } });
  const faults = world.log.faults.length;
  const reply = await ask('a cough', { url, ...under(randomUUID()) });
  assert.equal(reply.status, 200);
  assert.deepEqual(
    world.log.faults.slice(faults).map(({ id, route }) => [id, route]),
    [[reply.id, 'replay']],
  );
});

test('an answer given under another policy set is not repeated', async () => {
  const key = randomUUID();
  await ask('a cough', under(key));
  const url = await world.serveWith((doors) => {
    const point = doors.house.policy.current();
    const later: typeof point = {
      ...point,
      policySet: 'ps_fedcba9876543210',
      decide: (request) => ({ ...point.decide(request), policySet: 'ps_fedcba9876543210' }),
    };
    return { ...doors, house: { ...doors.house, policy: { current: () => later } } };
  });
  const reply = await ask('a cough', { url, ...under(key) });
  assert.deepEqual([reply.status, reply.body.error.code], [422, 'duplicate_request']);
});

test('a replay needs what any request needs: a good key and a policy that allows it', async () => {
  const key = randomUUID();
  await ask('a cough', under(key));
  assert.equal((await ask('a cough', { key: 'sgk_test_none', ...under(key) })).status, 401);
  const denied = await ask('a cough', under(key, { 'x-stewardgate-purpose': 'HMARKT' }));
  assert.equal(denied.body.error.code, 'policy_denied');
});

test('neither the words, nor the key, nor the patient can be read in what is kept', async () => {
  const key = `visible-${randomUUID()}`;
  const reply = await ask('SIMULATE told', under(key, { 'x-stewardgate-patient-ref': 'pt7f3a9c21' }));
  assert.ok(reply.text.includes(SECRET_WORD));
  const kept = (await rows()).find(({ requestId }) => requestId === reply.id);
  assert.ok(kept?.answer !== undefined && kept.answer !== null && kept.answer.length > 500);
  const { answer, keyHmac, bodyHmac, ...rest } = kept;
  const all = Buffer.concat([answer, keyHmac, bodyHmac, Buffer.from(JSON.stringify(rest))]);
  for (const word of [SECRET_WORD, 'choices', key, 'SIMULATE', 'pt7f3a9c21', 'mayo-cr'])
    assert.ok(!all.includes(word), word);
});

test('an answer that was altered in storage is not repeated', async () => {
  const key = randomUUID();
  const reply = await ask('a cough', under(key));
  await world.gateway.database.handle.execute(
    sql`UPDATE idempotency SET answer = set_byte(answer, 40, get_byte(answer, 40) # 1)
      WHERE request_id = ${reply.id.slice(4)}::uuid`,
  );
  const again = await ask('a cough', under(key));
  assert.deepEqual([again.status, again.body.error.code], [500, 'internal_error']);
});
