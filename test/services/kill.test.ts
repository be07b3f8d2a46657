import assert from 'node:assert/strict';
import { cpSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { copyDatabase } from '../support/database-template.ts';
import { assertNothingLost, type Held, killInTheMidst } from '../support/kill-rounds.ts';
import { spawnGateway } from '../support/spawned.ts';
import { administer, noServer, urlOf } from './administer.ts';

const KILLS = 50;
/** A start is one busy core, so two gateways are killed side by side. */
const LANES = 2;
const CALLERS = 16;
const timeout = 800_000;

function twoFolders(t: TestContext): readonly [string, string] {
  const made = () => mkdtempSync(join(tmpdir(), 'stewardgate-kill-'));
  const folders = [made(), made()] as const;
  t.after(() => {
    for (const folder of folders) rmSync(folder, { recursive: true, force: true });
  });
  return folders;
}

function survive(dataDir: string, environment: Readonly<Record<string, string>> = {}): Promise<Held> {
  return killInTheMidst({ dataDir, kills: KILLS / LANES, callers: CALLERS, environment });
}

const told = (lanes: readonly Held[]) =>
  `${KILLS} kills, ${lanes.map(({ answered, refused }) => `${answered.size} answers, ${refused.size} refusals`).join('; ')}`;

test('replicas killed fifty times on one PostgreSQL: nothing is lost and nothing is twice', {
  timeout,
  skip: noServer,
}, async (t) => {
  const name = `stewardgate_kill_${process.pid}`;
  const dataDirs = twoFolders(t);
  await administer(`CREATE DATABASE ${name}`);
  try {
    const url = urlOf(name);
    const environment = { DATABASE_URL: url };
    await (await spawnGateway(dataDirs[0], environment)).end('SIGTERM');
    // The world is made; the other replica has the same keys.
    for (const file of ['demo.json', 'master.key']) cpSync(join(dataDirs[0], file), join(dataDirs[1], file));
    const lanes = await Promise.all(dataDirs.map((dataDir) => survive(dataDir, environment)));
    t.diagnostic(told(lanes));
    for (const held of lanes) {
      assert.ok(held.refused.size > 0);
      await assertNothingLost(held, { dataDirs, url });
    }
  } finally {
    await administer(`DROP DATABASE ${name} WITH (FORCE)`);
  }
});

test('killed fifty times on the embedded engine, nothing is lost and nothing is twice', {
  timeout,
}, async (t) => {
  const dataDirs = twoFolders(t);
  for (const dataDir of dataDirs) await copyDatabase(join(dataDir, 'database'));
  const lanes = await Promise.all(
    dataDirs.map(async (dataDir) => {
      const held = await survive(dataDir);
      assert.ok(held.refused.size > 0);
      await assertNothingLost(held, { dataDirs: [dataDir] });
      return held;
    }),
  );
  t.diagnostic(told(lanes));
});
