import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { Client } from 'pg';
import { type Asking, ask, type Reply } from '../support/ask.ts';
import { type Spawned, spawnGateway } from '../support/spawned.ts';
import { until } from '../support/until.ts';
import { callsIn } from '../world.ts';
import { administer, noServer, urlOf } from './administer.ts';

const skip = noServer;

/** Two gateways as processes of their own, on one PostgreSQL and one folder of keys. */
let gateways: readonly [Spawned, Spawned];
let folder: string;
let database: Client;
const parts = new AsyncDisposableStack();

before(async () => {
  if (noServer) return;
  const name = `stewardgate_replay_${process.pid}`;
  await administer(`CREATE DATABASE ${name}`);
  parts.defer(() => administer(`DROP DATABASE ${name} WITH (FORCE)`));
  const own = urlOf(name);
  folder = mkdtempSync(join(tmpdir(), 'stewardgate-replay-'));
  parts.defer(() => rmSync(folder, { recursive: true, force: true }));
  const fixtures = join(folder, 'fixtures.json');
  const slow = { chunks: ['Rest, ', 'drink, ', 'and sleep.'], stallMs: 1_500 };
  writeFileSync(fixtures, JSON.stringify({ slow, endless: { content: 'Rest.', stallMs: 60_000 } }));
  const environment = { DATABASE_URL: own, MODEL_SIMULATED_FIXTURES: fixtures };
  const first = parts.use(await spawnGateway(folder, environment));
  gateways = [first, parts.use(await spawnGateway(folder, environment))];
  database = new Client({ connectionString: own });
  await database.connect();
  parts.defer(() => database.end());
});
after(() => parts.disposeAsync());

function send(
  at: 0 | 1,
  key: string,
  content: string,
  more: Partial<Asking & { stream: boolean }> = {},
): Promise<Reply> {
  const { url, demo } = gateways[at];
  const { stream = false, ...asking } = more;
  return ask(
    { url, key: demo.tenants.northwind?.apiKey ?? '', headers: { 'idempotency-key': key }, ...asking },
    { content, stream },
  );
}

const calls = () => callsIn(join(folder, 'simulated-calls.log'));
async function usageLinesOf(ids: readonly string[]): Promise<number | null> {
  const uuids = ids.map((id) => id.slice('req_'.length));
  return (await database.query('SELECT FROM usage_record WHERE request_id = ANY($1::uuid[])', [uuids]))
    .rowCount;
}

test('twenty at once over two gateways are one call, one usage line and one answer', { skip }, async () => {
  const [key, before] = [randomUUID(), calls().length];
  const replies = await Promise.all(
    Array.from({ length: 20 }, (_, at) => send(at % 2 === 0 ? 0 : 1, key, 'SIMULATE slow')),
  );
  assert.deepEqual(new Set(replies.map(({ status }) => status)), new Set([200]));
  assert.equal(new Set(replies.map(({ text }) => text)).size, 1);
  assert.equal(calls().length, before + 1);
  assert.equal(await usageLinesOf(replies.map(({ id }) => id)), 1);
});

test('an answer of one gateway is replayed by the other, a stream to the byte', { skip }, async () => {
  for (const stream of [false, true]) {
    const key = randomUUID();
    const first = await send(0, key, 'a cough', { stream });
    const second = await send(1, key, 'a cough', { stream });
    assert.deepEqual([second.status, second.text], [200, first.text]);
    assert.equal(second.headers.get('idempotent-replayed'), 'true');
    const other = await send(1, key, 'a fever', { stream });
    assert.deepEqual([other.status, other.body.error.code], [422, 'idempotency_mismatch']);
  }
});

test('a gateway that is killed in the midst holds the key until its lease is over, then the other asks', {
  skip,
}, async () => {
  const [key, before] = [randomUUID(), calls().length];
  const lost = assert.rejects(send(0, key, 'SIMULATE endless'));
  assert.ok(await until(() => calls().length === before + 1));
  await gateways[0].end('SIGKILL');
  await lost;
  const leave = new AbortController();
  const waiting = assert.rejects(send(1, key, 'SIMULATE endless', { signal: leave.signal }));
  const { rows } = await database.query("SELECT state, answer FROM idempotency WHERE state = 'running'");
  assert.deepEqual(rows, [{ state: 'running', answer: null }]);
  assert.equal(calls().length, before + 1);
  await database.query(
    "UPDATE idempotency SET held_until = now() - interval '1 second' WHERE state = 'running'",
  );
  assert.ok(await until(() => calls().length === before + 2));
  leave.abort();
  await waiting;
});
