import assert from 'node:assert/strict';
import { cpSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { printEnvExample, printSettingsTable } from '../../gateway/config.ts';
import { stewardgate } from '../support/command-line.ts';

const POLICIES = join(import.meta.dirname, '..', '..', 'policies');

test('every verb explains itself', async () => {
  const verbs = [
    'demo',
    'migrate',
    'tenant',
    'key',
    'operator',
    'model',
    'policy',
    'audit',
    'openapi',
    'settings',
  ];
  const all = await Promise.all(verbs.map((verb) => stewardgate([verb, '--help'])));
  assert.deepEqual(
    all.map(({ code }) => code),
    verbs.map(() => 0),
  );
  for (const [at, { out }] of all.entries()) assert.match(out, new RegExp(`Usage: stewardgate ${verbs[at]}`));
});

test('a verb that does not exist, or lacks an option, is usage', async () => {
  const said = await Promise.all([
    stewardgate(['nonsense']),
    stewardgate(['tenant', 'create', 'willowbrook']),
  ]);
  assert.deepEqual(
    said.map(({ code }) => code),
    [2, 2],
  );
});

test('a setting that cannot be used is usage, and named', async () => {
  const { code, err } = await stewardgate(['migrate'], { STEWARDGATE_MOOD: 'sunny' });
  assert.equal(code, 2);
  assert.match(err, /STEWARDGATE_MOOD/);
});

test('settings are printed as the table and as the example file', async () => {
  const [table, example] = await Promise.all([stewardgate(['settings']), stewardgate(['settings', '--env'])]);
  assert.equal(table.out, `${printSettingsTable()}\n`);
  assert.equal(example.out, printEnvExample());
});

test('the OpenAPI document is printed as JSON', async () => {
  const { code, out } = await stewardgate(['openapi']);
  assert.equal(code, 0);
  const document = JSON.parse(out);
  assert.match(document.openapi, /^3\.1/);
  assert.ok(document.paths['/v1/chat/completions'].post);
  assert.ok(document.paths['/admin/v1/tenants/{tenant}/keys'].get);
});

test('policy check passes the shipped policies, and fails a folder whose tables do not hold', async (t) => {
  const dir = mkdtempSync(join(tmpdir(), 'stewardgate-policies-'));
  t.after(() => rmSync(dir, { recursive: true }));
  cpSync(POLICIES, dir, { recursive: true });
  const shipped = await stewardgate(['policy', 'check']);
  assert.equal(shipped.code, 0);
  assert.match(shipped.out, /policy set ps_[0-9a-f]{16}: (\d+) of \1 cases hold/);

  const rules = join(dir, 'stewardship.csv');
  const weakened = readFileSync(rules, 'utf8').replace(/^covered-deidentified,.*$/m, '');
  writeFileSync(rules, weakened);
  const changed = await stewardgate(['policy', 'check', '--dir', dir]);
  assert.equal(changed.code, 1);
  assert.match(changed.out, /covered-entity\.csv: .*expected/);

  writeFileSync(rules, weakened.replace(/^(\w.*) allow,/m, '$1 Allow,'));
  const broken = await stewardgate(['policy', 'check', '--dir', dir]);
  assert.equal(broken.code, 1);
  assert.match(broken.err, /policy_invalid/);
});

test('demo makes its world once, and shows the same credentials again', async (t) => {
  const dir = mkdtempSync(join(tmpdir(), 'stewardgate-demo-'));
  t.after(() => rmSync(dir, { recursive: true }));
  const settings = { STEWARDGATE_DATA_DIR: dir };
  const first = await stewardgate(['demo'], settings);
  assert.equal(first.code, 0, first.err);
  assert.match(first.out, /^curl -s http:\/\/127\.0\.0\.1:8080\/v1\/chat\/completions/m);
  assert.ok(existsSync(join(dir, 'demo.json')));
  const again = await stewardgate(['demo'], settings);
  assert.equal(again.out, first.out);
  const migrated = await stewardgate(['migrate'], settings);
  assert.equal(migrated.out, 'nothing to apply\n');
});

test('a demo file that is damaged is named, and nothing of it is told', async (t) => {
  const dir = mkdtempSync(join(tmpdir(), 'stewardgate-demo-'));
  t.after(() => rmSync(dir, { recursive: true }));
  const file = join(dir, 'demo.json');
  for (const content of ['{"tenants":zebrafish', '{}']) {
    writeFileSync(file, content);
    const { code, err } = await stewardgate(['demo'], { STEWARDGATE_DATA_DIR: dir });
    assert.equal(code, 1);
    assert.match(err, /demo\.json is damaged/);
    assert.doesNotMatch(err, /zebrafish/);
  }
});
