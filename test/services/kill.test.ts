import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { Client } from 'pg';
import { copyDatabase } from '../support/database-template.ts';
import { assertNothingLost, type Held, killInTheMidst } from '../support/kill-rounds.ts';

const url = process.env.DATABASE_URL;
const KILLS = 50;
const TIME_MS_MAX = 170_000;
const timeout = 2 * TIME_MS_MAX;

async function survive(dataDir: string, databaseUrl?: string): Promise<Held> {
  const environment = databaseUrl === undefined ? {} : { DATABASE_URL: databaseUrl };
  const held = await killInTheMidst({
    dataDir,
    kills: KILLS,
    timeMsMax: TIME_MS_MAX,
    callers: 16,
    environment,
  });
  assert.ok(held.kills >= 10, `${held.kills} kills only`);
  assert.ok(held.refused.size > 0);
  await assertNothingLost(held, dataDir, databaseUrl);
  return held;
}

const told = ({ kills, answered, refused }: Held) =>
  `${kills} kills, ${answered.size} answers, ${refused.size} refusals`;

test('killed again and again on PostgreSQL, nothing is lost and nothing is twice', {
  timeout,
  skip: url === undefined && 'DATABASE_URL is not set',
}, async (t) => {
  const name = `stewardgate_kill_${process.pid}`;
  const dataDir = mkdtempSync(join(tmpdir(), 'stewardgate-kill-'));
  await administer(`CREATE DATABASE ${name}`);
  try {
    const own = new URL(url ?? '');
    own.pathname = `/${name}`;
    t.diagnostic(told(await survive(dataDir, own.href)));
  } finally {
    await administer(`DROP DATABASE ${name} WITH (FORCE)`);
    rmSync(dataDir, { recursive: true });
  }
});

test('killed again and again on the embedded engine, nothing is lost and nothing is twice', {
  timeout,
}, async (t) => {
  const dataDir = mkdtempSync(join(tmpdir(), 'stewardgate-kill-'));
  t.after(() => rmSync(dataDir, { recursive: true, force: true }));
  await copyDatabase(join(dataDir, 'database'));
  t.diagnostic(told(await survive(dataDir)));
});

async function administer(statement: string): Promise<void> {
  const client = new Client({ connectionString: url });
  await client.connect();
  try {
    await client.query(statement);
  } finally {
    await client.end();
  }
}
