import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { test } from 'node:test';

const ROOT = join(import.meta.dirname, '..', '..');
const SECRET = 'sgk_test_SHOWNINHEADERS';

/** A server under the gateway's own telemetry that answers one request of its own and exports its span. */
const SERVED = `
const { createServer, get } = require('node:http');
const server = createServer((_, response) => response.end()).listen(0, '127.0.0.1', () => {
  const { port } = server.address();
  const headers = { host: '${SECRET}.example', 'user-agent': '${SECRET}', 'x-forwarded-for': '${SECRET}' };
  get({ port, host: '127.0.0.1', path: '/${SECRET}?key=${SECRET}', headers }, (response) => {
    response.resume().on('end', async () => {
      server.close();
      const { telemetry } = await import('${join(ROOT, 'gateway/telemetry.ts')}');
      await telemetry.stop();
    });
  });
});
`;

test('an exported span holds nothing that a caller typed: no path, query, host, agent or forwarded address', async () => {
  let exported = '';
  const collector = createServer((request, response) => {
    request.on('data', (bytes) => {
      exported += bytes.toString('latin1');
    });
    request.on('end', () => response.end());
  }).listen(0, '127.0.0.1');
  await once(collector, 'listening');
  const { port } = collector.address() as AddressInfo;
  const environment = {
    OTEL_EXPORTER_OTLP_ENDPOINT: `http://127.0.0.1:${port}`,
    OTEL_EXPORTER_OTLP_PROTOCOL: 'http/json',
  };
  const telemetry = join(ROOT, 'gateway/telemetry.ts');
  const child = spawn(process.execPath, ['--import', telemetry, '--input-type=commonjs', '-e', SERVED], {
    env: { PATH: process.env.PATH ?? '', ...environment },
    stdio: 'inherit',
  });
  await once(child, 'exit');
  collector.close();
  assert.match(exported, /http\.request\.method/);
  assert.ok(!exported.includes(SECRET), exported);
});
