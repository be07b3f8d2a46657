import assert from 'node:assert/strict';
import { cpSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { type Command, CommanderError } from 'commander';
import { createProgram } from '../../gateway/cli/program.ts';
import { printEnvExample, printSettingsTable } from '../../gateway/config.ts';
import { stewardgate } from '../support/command-line.ts';
import { copyDatabase } from '../support/database-template.ts';

const POLICIES = join(import.meta.dirname, '..', '..', 'policies');

test('every verb explains itself, and so does every verb under it', async () => {
  const program = createProgram();
  const paths = program.commands.flatMap(pathsOf);
  assert.ok(paths.length > 20);
  for (const path of paths) {
    const { ending, out } = await parse([...path, '--help']);
    assert.equal(ending, 0, path.join(' '));
    assert.match(out, new RegExp(`^Usage: stewardgate ${path.join(' ')} `));
    assert.match(out, /\n\n\p{Ll}.{10,}\n/u, `${path.join(' ')} says what it does`);
  }
  const { code, out } = await stewardgate(['tenant', 'list', '--help']);
  assert.deepEqual([code, out.startsWith('Usage: stewardgate tenant list')], [0, true]);
});

/** The words that lead to a verb and to each verb under it. */
function pathsOf(verb: Command): string[][] {
  return [[verb.name()], ...verb.commands.flatMap(pathsOf).map((path) => [verb.name(), ...path])];
}

const treeOf = (verb: Command): Command[] => [verb, ...verb.commands.flatMap(treeOf)];

interface Parsed {
  /** The code that commander ends with; undefined when the verb would have run. */
  readonly ending: number | undefined;
  readonly out: string;
  readonly err: string;
  /** What the verb would have been given. */
  readonly options: Readonly<Record<string, unknown>>;
}

/** What a fresh command line makes of these words in this process, where no verb does anything. */
async function parse(words: readonly string[]): Promise<Parsed> {
  const program = createProgram();
  const said = { out: '', err: '' };
  let options = {};
  const writeOut = (text: string) => {
    said.out += text;
  };
  const writeErr = (text: string) => {
    said.err += text;
  };
  for (const command of treeOf(program)) {
    command.configureOutput({ writeOut, writeErr });
    if (command.commands.length === 0)
      command.action(() => {
        options = command.opts();
      });
  }
  const ended = await program.parseAsync(words, { from: 'user' }).catch((thrown: unknown) => thrown);
  return { ...said, options, ending: ended instanceof CommanderError ? ended.exitCode : undefined };
}

const put = (id: string, ...more: string[]) => ['model', 'put', id, '--deployment', 'd', '--model', ...more];
const operator = (...more: string[]) => ['operator', 'create', '--role', 'auditor', ...more];
const issue = (...more: string[]) => ['key', 'issue', 'willowbrook', '--client', 'cli_1', ...more];

const WRONG: readonly (readonly string[])[] = [
  ['client', 'jwks', 'put', 'willowbrook', 'cli_1'],
  ['client', 'nonsense'],
  ['tenant', 'person', 'willowbrook', 'Wren Ashdown'],
  ['tenant', 'person', 'willowbrook', 'Wren Ashdown', '--role', 'owner'],
  ['key', 'rotate'],
  ['key', 'rotate', 'k', '--overlap', '31'],
  ['key', 'rotate', 'k', '--days', '366'],
  issue('--scope', 'everything'),
  ['nonsense'],
  ['tenant', 'create', 'willowbrook'],
  ['tenant', 'list', '--url', 'nonsense'],
  ['tenant', 'list', '--url', 'file:///etc/hosts'],
  ['tenant', 'create', 'willowbrook', '--name', 'a', '--tier', 'payer', '--purpose', 'HNONSENSE'],
  ['audit', 'search', '--limit', 'abc'],
  ['audit', 'search', '--limit', '-5'],
  ['audit', 'search', '--limit', '0'],
  ['audit', 'search', '--phase', 'nonsense'],
  ['audit', 'search', '--from', 'yesterday'],
  ['audit', 'search', '--user-ref', 'two words'],
  issue('--days', 'abc'),
  issue('--days', '366'),
  operator('--name', 'Ada Example', '--days', 'abc'),
  operator('--name', 'Ada Example', '--days', '-5'),
  operator('--name', 'Ada Example', '--days', '1.5'),
  operator('--name', ''),
  operator('--name', 'a\u0007b'),
  put('Bad Id!', 'mayo-cr'),
  put('m'.repeat(300), 'mayo-cr'),
  put('mayo-cr-9', 'm'.repeat(300)),
  put('mayo-cr-9', 'mayo-cr', '--deployment', 'd'.repeat(300)),
  put('mayo-cr-9', 'mayo-cr', '--context-tokens', '0'),
  ...['nonsense', '', 'chat,nonsense', 'chat,', 'Chat', 'chat embeddings'].map((list) =>
    put('mayo-cr-9', 'mayo-cr', '--capabilities', list),
  ),
  ['model', 'stage', 'Bad Id!', 'ga'],
];

test('what is typed wrongly is told, and the verb does not run', async () => {
  for (const words of WRONG) {
    const { ending, out, err } = await parse(words);
    assert.deepEqual([ending, out], [1, ''], words.join(' '));
    assert.match(err, /^error: /, words.join(' '));
  }
  assert.equal((await parse(put('mayo-cr-9', 'mayo-cr'))).ending, undefined);
});

test('a version may be put with what it can be asked for, once each, and can do everything unless it says less', async () => {
  for (const [typed, meant] of [
    [[], ['chat', 'embeddings']],
    [['--capabilities', 'chat'], ['chat']],
    [['--capabilities', 'embeddings'], ['embeddings']],
    [
      ['--capabilities', 'embeddings,chat,embeddings'],
      ['embeddings', 'chat'],
    ],
  ] as const) {
    const { ending, options } = await parse(put('mayo-cr-9', 'mayo-cr', ...typed));
    assert.deepEqual([ending, options.capabilities], [undefined, meant], typed.join(' '));
  }
});

test('a verb that does not exist, lacks an option or is given a bad number is usage', async (t) => {
  const dir = join(mkdtempSync(join(tmpdir(), 'stewardgate-usage-')), 'data');
  t.after(() => rmSync(join(dir, '..'), { recursive: true }));
  const wrong = [
    ['nonsense'],
    ['tenant', 'create', 'willowbrook'],
    operator('--name', 'A', '--days', 'abc'),
    put('mayo-cr-9', 'mayo-cr', '--capabilities', 'chat,nonsense'),
  ];
  const said = await Promise.all(wrong.map((words) => stewardgate(words, { STEWARDGATE_DATA_DIR: dir })));
  assert.deepEqual(
    said.map(({ code }) => code),
    [2, 2, 2, 2],
  );
  assert.ok(!existsSync(dir), 'nothing was opened');
});

test('a version is kept with what it was said that it can be asked for, and listed so', async (t) => {
  const dir = mkdtempSync(join(tmpdir(), 'stewardgate-capabilities-'));
  t.after(() => rmSync(dir, { recursive: true }));
  await copyDatabase(join(dir, 'database'));
  const settings = { STEWARDGATE_DATA_DIR: dir, LOG_LEVEL: 'silent' };
  const done = await stewardgate(put('mayo-vec-1', 'mayo-vec', '--capabilities', 'embeddings'), settings);
  assert.equal(done.code, 0, done.err);
  assert.deepEqual(JSON.parse(done.out).capabilities, ['embeddings']);
  const listed: { id: string; capabilities: string[] }[] = JSON.parse(
    (await stewardgate(['model', 'list'], settings)).out,
  );
  assert.deepEqual(
    listed.map(({ id, capabilities }) => [id, capabilities]),
    [['mayo-vec-1', ['embeddings']]],
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
