import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { compose } from '../../gateway/compose.ts';
import { readConfig } from '../../gateway/config.ts';
import { prepareDemo } from '../../gateway/demo.ts';
import { keptLog } from '../support/silent-log.ts';
import { administer, noServer, urlOf } from './administer.ts';

test('of three demo gateways that start together on one empty database one seeds it, and all of them start', {
  skip: noServer,
}, async () => {
  const name = `stewardgate_race_${process.pid}`;
  await using stack = new AsyncDisposableStack();
  await administer(`CREATE DATABASE ${name}`);
  stack.defer(() => administer(`DROP DATABASE ${name} WITH (FORCE)`));
  const folders = [1, 2, 3].map(() => mkdtempSync(join(tmpdir(), 'stewardgate-race-')));
  stack.defer(() => {
    for (const folder of folders) rmSync(folder, { recursive: true, force: true });
  });
  const masterKey = randomBytes(32).toString('base64');
  const shared = { DATABASE_URL: urlOf(name), STEWARDGATE_MASTER_KEY: masterKey };
  const started = await Promise.all(
    folders.map(async (folder) => {
      const config = readConfig({ ...shared, STEWARDGATE_DATA_DIR: folder });
      return { config, gateway: stack.use(await compose(config, { log: keptLog(), version: 'test' })) };
    }),
  );
  const scene = { url: 'http://127.0.0.1:1', say: () => {} };
  await Promise.all(started.map(({ config, gateway }) => prepareDemo(gateway, config, scene)));
  assert.equal(folders.filter((folder) => existsSync(join(folder, 'demo.json'))).length, 1);
  for (const { gateway } of started) assert.equal((await gateway.office.registry.listTenants()).length, 4);
});
