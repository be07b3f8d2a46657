import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { ask } from '../support/ask.ts';
import { copyDatabase } from '../support/database-template.ts';
import { type Spawned, spawnGateway } from '../support/spawned.ts';
import { readStream } from '../support/sse.ts';
import { until } from '../support/until.ts';
import { callsIn } from '../world.ts';

const CHUNKS = Array.from({ length: 4_000 }, (_, at) => `word${at} `);

let dataDir: string;
let gateway: Spawned;
before(async () => {
  dataDir = mkdtempSync(join(tmpdir(), 'stewardgate-stopping-'));
  const fixtures = join(dataDir, 'fixtures.json');
  writeFileSync(
    fixtures,
    JSON.stringify({ slow: { chunks: CHUNKS, stallMs: 300 }, long: { chunks: CHUNKS } }),
  );
  await copyDatabase(join(dataDir, 'database'));
  gateway = await spawnGateway(dataDir, { MODEL_SIMULATED_FIXTURES: fixtures });
});
after(async () => {
  await gateway[Symbol.asyncDispose]();
  rmSync(dataDir, { recursive: true });
});

test('the credentials of the demo are for its owner alone', () => {
  for (const file of ['demo.json', 'master.key'])
    assert.equal(statSync(join(dataDir, file)).mode & 0o777, 0o600);
  assert.deepEqual(Object.keys(gateway.demo.tenants), ['mayo', 'northwind', 'lakeside', 'summit']);
  assert.deepEqual(Object.keys(gateway.demo.operators), [
    'owner',
    'author',
    'approver',
    'auditor',
    'billing',
    'modelSteward',
  ]);
  assert.equal(gateway.demo.baseUrl, gateway.url);
  assert.equal(gateway.demo.consoleUrl, `${gateway.url}/docs`);
  for (const [slug, tenant] of Object.entries(gateway.demo.tenants)) {
    const own = slug === 'northwind' ? ['adminApiKey'] : [];
    assert.deepEqual(Object.keys(tenant).toSorted(), [...own, 'apiKey', 'clientId', 'privateJwk']);
  }
  assert.deepEqual(Object.keys(gateway.demo).toSorted(), ['baseUrl', 'consoleUrl', 'operators', 'tenants']);
});

test('metrics are told in the Prometheus exposition, by codes and versions, without content or identity', async () => {
  const key = gateway.demo.tenants.northwind?.apiKey ?? '';
  const reply = await ask(
    { url: gateway.url, key, headers: { 'x-stewardgate-user': 'clinician-1' } },
    'zebrafish',
  );
  assert.equal(reply.status, 200);
  const text = await (await fetch(`${gateway.url}/metrics`)).text();
  for (const name of [
    'gen_ai_client_operation_duration',
    'gen_ai_client_token_usage',
    'stewardgate_requests',
    'stewardgate_audit_commit_duration',
  ]) {
    assert.ok(text.includes(name), name);
  }
  assert.doesNotMatch(text, /zebrafish|clinician-1|ten_|cli_|req_|sgk_/);
});

test('told to stop, the gateway lets streams end as they should, takes no new request, and leaves in order', {
  timeout: 40_000,
}, async () => {
  const key = gateway.demo.tenants.northwind?.apiKey ?? '';
  const headers = { 'api-key': key, 'content-type': 'application/json' };
  const body = (content: string) =>
    JSON.stringify({ model: 'mayo-cr', messages: [{ role: 'user', content }], stream: true });
  const [running, waiting] = [
    await fetch(`${gateway.url}/v1/chat/completions`, {
      method: 'POST',
      headers,
      body: body('SIMULATE long'),
    }),
    fetch(`${gateway.url}/v1/chat/completions`, { method: 'POST', headers, body: body('SIMULATE slow') }),
  ];
  const asked = () => callsIn(join(dataDir, 'simulated-calls.log')).length;
  assert.ok(await until(() => asked() === 3), 'both streams are under way');
  const ended = gateway.end('SIGTERM');
  const texts = await Promise.all([running.text(), waiting.then((response) => response.text())]);
  for (const text of texts) {
    const stream = readStream(text);
    assert.ok(stream.isDone, text.slice(-300));
    assert.match(stream.text(), /word3999 $/);
  }
  assert.equal(await ended, 0);
  await assert.rejects(fetch(`${gateway.url}/healthz`));
});

test('started again, it is the same world with the same keys', { timeout: 40_000 }, async () => {
  await using again = await spawnGateway(dataDir);
  assert.deepEqual(again.demo.tenants, gateway.demo.tenants);
  const reply = await ask({ url: again.url, key: gateway.demo.tenants.northwind?.apiKey ?? '' }, 'a cough');
  assert.equal(reply.status, 200);
  await assert.rejects(spawnGateway(dataDir), /another process is using the database folder/);
});
