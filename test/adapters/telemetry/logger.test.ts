import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { test } from 'node:test';

const LOGGER = join(import.meta.dirname, '../../../gateway/adapters/telemetry/logger.ts');

/** Runs a few lines with a logger in a process of its own and gives what it wrote. */
function logged(lines: string, level = 'info') {
  const program = `import { createLogger } from ${JSON.stringify(LOGGER)}; const log = createLogger('${level}'); ${lines}; log.flush();`;
  const { stdout, stderr } = spawnSync(process.execPath, ['--input-type=module-typescript', '-e', program], {
    encoding: 'utf8',
  });
  return {
    stdout,
    stderr,
    events: stderr
      .split('\n')
      .filter(Boolean)
      .map((line) => JSON.parse(line)),
  };
}

const LINE = "id: 'req_1', method: 'POST', route: '/v1/models', status: 200, ms: 3, code: null";

test('a request is one line of named fields, on standard error, and what else is handed over is left out', () => {
  const { stdout, events } = logged(`log.request({ ${LINE}, body: 'zebrafish' })`);
  assert.equal(stdout, '');
  const { time, level, ...rest } = events[0];
  assert.equal(level, 30);
  assert.match(time, /^\d{4}-/);
  assert.deepEqual(rest, {
    event: 'request',
    id: 'req_1',
    method: 'POST',
    route: '/v1/models',
    status: 200,
    ms: 3,
    code: null,
  });
});

test('a fault is logged by its name, code and places, never by its message', () => {
  const { stderr, events } = logged(
    "const fault = Object.assign(new TypeError('zebrafish 536-22-8718'), { code: 'E1', detail: 'zebrafish' }); fault.cause = new Error('zebrafish'); log.fault({ id: 'req_1', route: 'x' }, fault); log.fault({ id: 'req_2', route: 'x' }, 'zebrafish')",
  );
  assert.doesNotMatch(stderr, /zebrafish|536/);
  assert.deepEqual(
    [events[0].event, events[0].name, events[0].code, events[1].name],
    ['fault', 'TypeError', 'E1', 'string'],
  );
  assert.match(events[0].at, /^\s+at /);
});

test('a message of several lines does not pass as a place in the code', () => {
  const { stderr } = logged(
    "log.fault({ id: 'a', route: 'x' }, new Error('one\\nzebrafish two\\nzebrafish three'))",
  );
  assert.doesNotMatch(stderr, /zebrafish/);
});

test('a silent logger says nothing', () => {
  assert.equal(logged(`log.request({ ${LINE} }); log.notice('x')`, 'silent').stderr, '');
});
