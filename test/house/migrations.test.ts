import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { HOUSE } from './tree.ts';

const METERING = 'gateway/adapters/postgres/schema/metering.ts';

/** How many migrations the schema wants beyond those that are there; generated from a copy. */
function missingMigrations(change: (metering: string) => string): number {
  const root = mkdtempSync(join(tmpdir(), 'stewardgate-schema-'));
  try {
    for (const part of ['gateway', 'migrations', 'package.json', 'tsconfig.json', 'drizzle.config.ts'])
      cpSync(join(HOUSE, part), join(root, part), { recursive: true });
    symlinkSync(join(HOUSE, 'node_modules'), join(root, 'node_modules'));
    writeFileSync(join(root, METERING), change(readFileSync(join(HOUSE, METERING), 'utf8')));
    const before = readdirSync(join(root, 'migrations')).length;
    const kit = join(HOUSE, 'node_modules/.bin/drizzle-kit');
    const done = spawnSync(kit, ['generate'], { cwd: root, encoding: 'utf8', timeout: 60_000 });
    assert.equal(done.status, 0, done.stderr);
    return readdirSync(join(root, 'migrations')).length - before;
  } finally {
    rmSync(root, { recursive: true });
  }
}

test('the migrations make the schema that the code declares', () => {
  assert.equal(
    missingMigrations((metering) => metering),
    0,
  );
});

test('a column that no migration makes is noticed', () => {
  const planted = missingMigrations((metering) =>
    metering.replace('seq: integer().notNull(),', 'seq: integer().notNull(),\n    planted: integer(),'),
  );
  assert.equal(planted, 1);
});
