import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { copyDatabase } from '../support/database-template.ts';
import { assertNothingLost, killInTheMidst } from '../support/kill-rounds.ts';

const KILLS = 3;
const CALLERS = 6;

test('killed in the midst of work, the gateway has every answer, every call to the model and every token on record', {
  timeout: 240_000,
}, async (t) => {
  const dataDir = mkdtempSync(join(tmpdir(), 'stewardgate-kill-'));
  t.after(() => rmSync(dataDir, { recursive: true, force: true }));
  await copyDatabase(join(dataDir, 'database'));
  const held = await killInTheMidst({ dataDir, kills: KILLS, callers: CALLERS });
  assert.ok(held.answered.size >= KILLS * CALLERS);
  await assertNothingLost(held, { dataDirs: [dataDir] });
});
