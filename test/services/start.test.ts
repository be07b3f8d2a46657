import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { type AddressInfo, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { lockFolder } from '../../gateway/adapters/postgres/pglite/folder-lock.ts';
import { childEnvironment, childFlags } from '../support/child.ts';
import { copyDatabase } from '../support/database-template.ts';

const ROOT = join(import.meta.dirname, '..', '..');
const CANNOT_BE_USED = 78;
const UNAVAILABLE = 69;

let dataDir: string;
before(async () => {
  dataDir = mkdtempSync(join(tmpdir(), 'stewardgate-start-'));
  await copyDatabase(join(dataDir, 'database'));
});
after(() => rmSync(dataDir, { recursive: true }));

interface Ending {
  readonly code: number;
  readonly err: string;
}

/** How a start ends that cannot succeed. */
function start(settings: Readonly<Record<string, string>>): Promise<Ending> {
  const env = { ...childEnvironment, STEWARDGATE_DATA_DIR: dataDir, PORT: '0', LOG_LEVEL: 'silent' };
  const program = [...childFlags, '--import', './gateway/telemetry.ts', 'gateway/main.ts'];
  return new Promise((resolve) => {
    execFile(
      process.execPath,
      program,
      { cwd: ROOT, env: { ...env, ...settings }, timeout: 180_000 },
      (error, _, err) => resolve({ code: typeof error?.code === 'number' ? error.code : 0, err }),
    );
  });
}

test('a setting that cannot be used ends the start with 78, and is named', async () => {
  const { code, err } = await start({ PORT: 'eighty' });
  assert.equal(code, CANNOT_BE_USED);
  assert.match(err, /^stewardgate cannot start: Settings that cannot be used:\n {2}PORT: /);
});

test('canned answers that cannot be read, or are none, are a setting that cannot be used', async () => {
  const broken = join(dataDir, 'broken.json');
  writeFileSync(broken, '{"zebrafish":');
  for (const file of [join(dataDir, 'none.json'), broken]) {
    const { code, err } = await start({ MODEL_SIMULATED_FIXTURES: file });
    assert.equal(code, CANNOT_BE_USED, err);
    assert.match(err, /cannot start: MODEL_SIMULATED_FIXTURES: /);
    assert.doesNotMatch(err, /zebrafish/);
  }
});

test('a port that is taken ends the start with 69', async () => {
  const other = createServer().listen(0, '127.0.0.1');
  await once(other, 'listening');
  const { code, err } = await start({ PORT: String((other.address() as AddressInfo).port) });
  other.close();
  assert.equal(code, UNAVAILABLE);
  assert.match(err, /cannot start: listen EADDRINUSE/);
});

test('a database that does not answer ends the start with 69, naming the setting and no secret', async () => {
  const { code, err } = await start({ DATABASE_URL: 'postgres://gate:hunter2@127.0.0.1:1/stewardgate' });
  assert.equal(code, UNAVAILABLE);
  assert.match(err, /cannot start: DATABASE_URL: connect ECONNREFUSED/);
  assert.doesNotMatch(err, /hunter2/);
});

test('a data folder that another process holds ends the start with 69', async () => {
  using _held = lockFolder(join(dataDir, 'database'));
  const { code, err } = await start({});
  assert.equal(code, UNAVAILABLE);
  assert.match(err, /another process is using the database folder/);
});
