import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { cpSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { HOUSE, type PlantedTree, plant } from './tree.ts';

const MANIFEST = JSON.stringify({
  name: 'planted',
  version: '0.0.0',
  private: true,
  type: 'module',
  scripts: { start: 'node gateway/main.ts' },
});
const MAIN = "import { greet } from './greet.ts';\n\nprocess.stdout.write(greet('Ada'));\n";
const GREET =
  "export function greet(name: string): string {\n  return ['Good morning', name].join(', ');\n}\n";
const CLEAN = { 'package.json': MANIFEST, 'gateway/main.ts': MAIN, 'gateway/greet.ts': GREET };

/** A small house under the real settings, with the real tools within reach. */
function smallHouse(files: Readonly<Record<string, string>>): PlantedTree {
  const tree = plant({ ...CLEAN, ...files });
  for (const settings of ['biome.json', 'tsconfig.json', 'knip.json', '.gitignore']) {
    cpSync(join(HOUSE, settings), join(tree.root, settings));
  }
  symlinkSync(join(HOUSE, 'node_modules'), join(tree.root, 'node_modules'));
  return tree;
}

const TOOL_TIMEOUT_MS = 60_000;

function run(files: Readonly<Record<string, string>>, tool: string, ...words: string[]) {
  using tree = smallHouse(files);
  const done = spawnSync(join(HOUSE, 'node_modules/.bin', tool), words, {
    cwd: tree.root,
    encoding: 'utf8',
    timeout: TOOL_TIMEOUT_MS,
  });
  return { status: done.status, said: `${done.stdout}${done.stderr}` };
}

const TOOLS: Readonly<Record<string, (files: Readonly<Record<string, string>>) => ReturnType<typeof run>>> = {
  biome: (files) => run(files, 'biome', 'ci', '--colors=off', 'gateway'),
  tsc: (files) => run(files, 'tsc', '--noEmit', '--pretty', 'false'),
  knip: (files) => run(files, 'knip', '--no-progress'),
};

interface ToolPlant {
  readonly tool: string;
  readonly what: string;
  readonly files: Readonly<Record<string, string>>;
  readonly says: readonly RegExp[];
}

const withMain = (source: string) => ({ 'gateway/main.ts': `${MAIN}\n${source}\n` });

const PLANTS: readonly ToolPlant[] = [
  {
    tool: 'biome',
    what: 'lint: an unused variable, a default export, console and any',
    files: withMain(
      `${'export default'} greet;\nconsole.log('a');\nconst left = 1;\nexport const loose = greet as a${'ny'};`,
    ),
    says: [/noUnusedVariables/, /noDefaultExport/, /noConsole/, /noExplicitAny/],
  },
  {
    tool: 'biome',
    what: 'format: a line that is not as it would be written',
    files: { 'gateway/greet.ts': GREET.replace('  return', '      return') },
    says: [/greet\.ts format/],
  },
  {
    tool: 'biome',
    what: 'an import cycle',
    files: { 'gateway/greet.ts': `import './main.ts';\n\n${GREET}` },
    says: [/noImportCycles/],
  },
  {
    tool: 'tsc',
    what: 'an unchecked index',
    files: withMain('export const first: string = [greet.name][0];'),
    says: [/main\.ts\(\d+,\d+\): error TS2322/],
  },
  {
    tool: 'tsc',
    what: 'an optional property given as undefined',
    files: withMain('export const o: { name?: string } = { name: undefined };'),
    says: [/main\.ts\(\d+,\d+\): error TS2375/],
  },
  {
    tool: 'tsc',
    what: 'syntax that cannot be erased',
    files: withMain('export enum Colour {\n  Red,\n}'),
    says: [/main\.ts\(\d+,\d+\): error TS1294/],
  },
  {
    tool: 'knip',
    what: 'an export that nobody imports',
    files: { 'gateway/greet.ts': `${GREET}\nexport const forgotten = greet('Bea');\n` },
    says: [/forgotten\s+gateway\/greet\.ts/],
  },
  {
    tool: 'knip',
    what: 'a file that nobody imports',
    files: { 'gateway/forgotten.ts': 'export const forgotten = 1;\n' },
    says: [/Unused files[\s\S]*gateway\/forgotten\.ts/],
  },
  {
    tool: 'knip',
    what: 'a dependency that nobody uses',
    files: { 'package.json': JSON.stringify({ ...JSON.parse(MANIFEST), dependencies: { zod: '^4.0.0' } }) },
    says: [/Unused dependencies[\s\S]*zod/],
  },
];

for (const [tool, check] of Object.entries(TOOLS)) {
  test(`${tool} passes a clean house and refuses each planted violation`, { timeout: 120_000 }, () => {
    const clean = check({});
    assert.equal(clean.status, 0, clean.said);
    for (const { what, files, says } of PLANTS.filter((one) => one.tool === tool)) {
      const { status, said } = check(files);
      assert.notEqual(status, 0, what);
      for (const complaint of says) assert.match(said, complaint, what);
    }
  });
}
