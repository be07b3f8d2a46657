import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { stewardgate } from '../support/command-line.ts';
import { copyDatabase } from '../support/database-template.ts';
import { act } from '../support/steward.ts';
import { until } from '../support/until.ts';
import { openWorld, type World } from '../world.ts';

const PREAMBLE = 'Answer as the invented Wrenfield panel: briefly, and with doubt.';
const ROUTE = '/admin/v1/models/mayo-cr-1/preamble';
const sha256 = createHash('sha256').update(PREAMBLE).digest('hex');
const FACTS = { model_version: 'mayo-cr-1', sha256, bytes: PREAMBLE.length };

let world: World;
before(async () => {
  world = await openWorld();
});
after(() => world[Symbol.asyncDispose]());

test('a steward sets a preamble: it is told to those who may set it, and recorded by digest and length', async () => {
  const set = await act(world, 'modelSteward', `POST ${ROUTE}`, { preamble: PREAMBLE });
  assert.deepEqual([set.status, set.body], [200, FACTS]);
  await until(() => world.gateway.office.models.preambleOf('mayo-cr-1') === PREAMBLE);
  const [record] = await world.recordsOf(set.id);
  assert.deepEqual([record?.eventType, record?.body.admin], ['admin.model.preamble.set', FACTS]);
  const shown = await act(world, 'owner', `GET ${ROUTE}`);
  assert.deepEqual(shown.body, { ...FACTS, preamble: PREAMBLE });
  for (const role of ['author', 'approver', 'auditor', 'billing'] as const) {
    const refused = await act(world, role, `GET ${ROUTE}`);
    assert.equal(refused.status, 403);
    assert.doesNotMatch(refused.text, /Wrenfield/);
  }
  const { records } = await world.gateway.office.audit.search({}, { limit: 200 });
  assert.doesNotMatch(JSON.stringify(records), /Wrenfield/);
});

test('its tokens are metered as the host counts them, and it changes no simulated answer', async () => {
  const ask = () => world.ask('Adult with new hypertension: what next?');
  await act(world, 'owner', `POST ${ROUTE}`, { preamble: null });
  await until(() => world.gateway.office.models.preambleOf('mayo-cr-1') === null);
  const without = (await ask()).body;
  await act(world, 'owner', `POST ${ROUTE}`, { preamble: PREAMBLE });
  await until(() => world.gateway.office.models.preambleOf('mayo-cr-1') === PREAMBLE);
  const given = (await ask()).body;
  assert.equal(given.choices[0]?.message.content, without.choices[0]?.message.content);
  assert.ok(given.usage.prompt_tokens > without.usage.prompt_tokens + PREAMBLE.length / 4);
});

test('a preamble that says nothing, is too long or is not whole text is refused without being repeated', async () => {
  for (const preamble of [
    '',
    ' \n',
    'Wrenfield'.repeat(2_000),
    'é'.repeat(8_193),
    'a\ud800',
    'a\u0000b',
    7,
  ]) {
    const reply = await act(world, 'owner', `POST ${ROUTE}`, { preamble });
    assert.equal(reply.status, 400);
    assert.doesNotMatch(reply.text, /Wrenfield/);
  }
  const none = await act(world, 'owner', 'POST /admin/v1/models/mayo-cr-9/preamble', { preamble: 'x' });
  assert.deepEqual([none.status, none.body.code], [404, 'not_found']);
});

test('the command line puts a version with its preamble, shows it nowhere, and takes it away', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'stewardgate-preamble-'));
  try {
    const file = join(folder, 'preamble.txt');
    const settings = { STEWARDGATE_DATA_DIR: join(folder, 'data'), LOG_LEVEL: 'silent' };
    const put = (text: string) => {
      writeFileSync(file, text);
      const names = ['--model', 'wren', '--deployment', 'wren-deployment'];
      return stewardgate(['model', 'put', 'wren-1', ...names, '--preamble-file', file], settings);
    };
    await copyDatabase(join(folder, 'data', 'database'));
    const done = await put(`${PREAMBLE}\n`);
    assert.equal(done.code, 0, done.err);
    assert.deepEqual(JSON.parse(done.out).preamble, { ...FACTS, model_version: 'wren-1' });
    const listed = await stewardgate(['model', 'list'], settings);
    assert.match(listed.out, /wren-1/);
    assert.doesNotMatch(done.out + listed.out, /Wrenfield/);
    const long = await put('Wrenfield '.repeat(2_000));
    assert.equal(long.code, 2);
    assert.doesNotMatch(long.out + long.err, /Wrenfield/);
    const away = await put('\n');
    assert.equal(JSON.parse(away.out).preamble.sha256, null);
  } finally {
    rmSync(folder, { recursive: true });
  }
});
