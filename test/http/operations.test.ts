import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import request from 'supertest';
import { compose } from '../../gateway/compose.ts';
import { readConfig } from '../../gateway/config.ts';
import { errorEnvelope } from '../../gateway/contract/problem.ts';
import { createOperationsApp } from '../../gateway/http/app.ts';
import { createBoundedServer } from '../../gateway/http/server.ts';
import { Entry } from '../../gateway/pipeline/entry.ts';
import { copyDatabase } from '../support/database-template.ts';
import { keptLog } from '../support/silent-log.ts';
import { until } from '../support/until.ts';

const FIRST = {
  id: 'mayo-cr-1',
  model: 'mayo-cr',
  stage: 'ga',
  deployment: 'invented-deployment',
  contextTokens: 8_000,
  maxOutputTokens: 1_000,
  capabilities: ['chat'],
  created: 1_700_000_000,
} as const;

/** The operations listener of a gateway on an empty database, as a new installation has it. */
async function openOperations() {
  await using stack = new AsyncDisposableStack();
  const dataDir = mkdtempSync(join(tmpdir(), 'stewardgate-operations-'));
  stack.defer(() => rmSync(dataDir, { recursive: true }));
  await copyDatabase(join(dataDir, 'database'));
  const config = readConfig({ STEWARDGATE_DATA_DIR: dataDir });
  const gateway = stack.use(await compose(config, { log: keptLog(), version: 'test' }));
  const server = createBoundedServer(gateway.doors, createOperationsApp(gateway.doors));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  stack.defer(() => {
    server.closeAllConnections();
    server.close();
  });
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const parts = stack.move();
  return { url, gateway, [Symbol.asyncDispose]: () => parts.disposeAsync() };
}

test('a gateway without any model version is not ready, and is as soon as it has one', async () => {
  await using operations = await openOperations();
  const { url, gateway } = operations;
  const empty = await request(url).get('/readyz');
  assert.deepEqual(
    [empty.status, empty.body],
    [503, { status: 'not ready', parts: { taking: true, ledger: true, limiter: true, models: false } }],
  );
  assert.equal((await request(url).get('/healthz')).status, 200);
  const { clock, ids } = gateway.office;
  await gateway.change(async (desk) => {
    await desk.putModelVersion(FIRST);
    const entry = new Entry({ clock, ids, origin: gateway.origin }, { eventType: 'admin.model.put' });
    return { result: undefined, record: entry.close({ outcome: 'success', httpStatus: 200 }) };
  });
  assert.ok(await until(async () => (await request(url).get('/readyz')).status === 200));
});

test('what is not on the operations listener is a 404 in the envelope, and leaves no record', async () => {
  await using operations = await openOperations();
  const { url, gateway } = operations;
  for (const path of ['/', '/v1/models', '/metrics/', '/admin/v1/tenants', '//', '/%ff']) {
    const reply = await request(url).get(path);
    assert.equal(reply.status, 404, path);
    assert.equal(reply.headers['content-type'], 'application/json; charset=utf-8');
    assert.equal(errorEnvelope.parse(reply.body).error.code, 'not_found');
  }
  assert.equal((await request(url).post('/healthz')).status, 404);
  const { records } = await gateway.office.audit.search({}, { limit: 10 });
  assert.deepEqual(records, []);
});

test('metrics of a gateway whose telemetry is off are a 503 in words', async () => {
  await using operations = await openOperations();
  const reply = await request(operations.url).get('/metrics');
  assert.deepEqual([reply.status, reply.text], [503, 'telemetry is off\n']);
});
