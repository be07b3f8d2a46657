import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { test } from 'node:test';

const ROOT = join(import.meta.dirname, '..', '..', '..');
const REPORT = `
const { trace } = await import('@opentelemetry/api');
const { telemetry } = await import('./gateway/telemetry.ts');
const span = trace.getTracer('test').startSpan('a');
console.log(JSON.stringify({ traces: span.isRecording(), metrics: telemetry.exposition !== undefined }));
process.exit(0);
`;

/** What a process under the gateway's own telemetry measures with these settings. */
function measured(environment: Readonly<Record<string, string>>): unknown {
  const program = ['--import', './gateway/telemetry.ts', '--input-type=module', '-e', REPORT];
  const env = { PATH: process.env.PATH ?? '', ...environment };
  return JSON.parse(execFileSync(process.execPath, program, { cwd: ROOT, env, encoding: 'utf8' }));
}

test('traces are made when an endpoint is set; an empty one is none', () => {
  const endpoint = { OTEL_EXPORTER_OTLP_ENDPOINT: 'http://127.0.0.1:1' };
  assert.deepEqual(measured(endpoint), { traces: true, metrics: true });
  const empty = { OTEL_EXPORTER_OTLP_ENDPOINT: '', OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: ' ' };
  assert.deepEqual(measured(empty), { traces: false, metrics: true });
});

test('telemetry that is switched off has neither traces nor metrics to show', () => {
  const off = { OTEL_SDK_DISABLED: 'true', OTEL_EXPORTER_OTLP_ENDPOINT: 'http://127.0.0.1:1' };
  assert.deepEqual(measured(off), { traces: false, metrics: false });
});
