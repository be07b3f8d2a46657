import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { VENDORS } from './floor-table.ts';
import { floorViolations, type Rule } from './floors.ts';
import { HOUSE, plant } from './tree.ts';

test('the house keeps its floors', () => {
  const breaches = floorViolations(HOUSE).map((one) => `${one.path}:${one.line} ${one.rule}: ${one.detail}`);
  assert.deepEqual(breaches, []);
});

test('every package the house depends on has a row in the vendor table', () => {
  const manifest = JSON.parse(readFileSync(join(HOUSE, 'package.json'), 'utf8')) as {
    dependencies: Record<string, string>;
  };
  const unlisted = Object.keys(manifest.dependencies).filter(
    (name) => VENDORS[name] === undefined && VENDORS[name.split('/')[0] ?? ''] === undefined,
  );
  assert.deepEqual(unlisted, []);
});

interface Plant {
  readonly what: string;
  readonly path: string;
  readonly source: string;
  readonly rule: Rule;
}

const ROOMS = {
  'gateway/domain/ids.ts': 'export interface Ids { uuid(): string }',
  'gateway/contract/chat.ts': "import { z } from 'zod';\nexport const chat = z.string().max(9);",
  'gateway/core/limits/limiter.ts': "import type { Ids } from '../../domain/ids.ts';\nexport type L = Ids;",
  'gateway/core/policy/decide.ts': "import { createHash } from 'node:crypto';\nexport const h = createHash;",
  'gateway/pipeline/house.ts': "import type { L } from '../core/limits/limiter.ts';\nexport type House = L;",
  'gateway/actions/perform.ts': "import { chat } from '../contract/chat.ts';\nexport const act = chat;",
  'gateway/adapters/postgres/db.ts': "import pg from 'pg';\nexport const pool = pg;",
  'gateway/adapters/limiter/memory.ts':
    "import type { House } from '../../pipeline/house.ts';\nexport type M = House;",
  'gateway/http/app.ts':
    "import express from 'express';\nimport type { L } from '../core/limits/limiter.ts';\nexport const app = (l: L) => express(l);",
  'gateway/console/page.ts': "import type { Ids } from '../domain/ids.ts';\nexport type Page = Ids;",
  'gateway/cli/stewardgate.ts':
    "import { app } from '../http/app.ts';\nimport { env } from '../config.ts';\napp(env);",
  'gateway/config.ts': 'export const env = process.env;',
  'gateway/main.ts':
    "import manifest from '../package.json' with { type: 'json' };\nimport './compose.ts';\nmanifest;",
  'gateway/compose.ts': "import { pool } from './adapters/postgres/db.ts';\npool; new Date(); Math.random();",
};

const imports = (specifier: string) => `import { it } from '${specifier}';\nit();`;
const importsType = (specifier: string) => `import type { It } from '${specifier}';\nexport type Mine = It;`;

const forbidden = (path: string, ...specifiers: string[]): Plant[] =>
  specifiers.flatMap((specifier) => [
    { what: `${path} imports ${specifier}`, path, source: imports(specifier), rule: 'floor' },
    { what: `${path} imports a type of ${specifier}`, path, source: importsType(specifier), rule: 'floor' },
  ]);

const typesOnly = (path: string, specifier: string): Plant => ({
  what: `${path} imports a value of ${specifier}`,
  path,
  source: imports(specifier),
  rule: 'types-only',
});

const FLOOR_PLANTS: Plant[] = [
  ...forbidden('domain/x.ts', '../contract/chat.ts', '../core/limits/limiter.ts', '../pipeline/house.ts'),
  ...forbidden('domain/x.ts', '../adapters/postgres/db.ts', '../http/app.ts', '../config.ts'),
  ...forbidden('contract/x.ts', '../core/limits/limiter.ts', '../actions/perform.ts', '../http/app.ts'),
  ...forbidden('core/limits/x.ts', '../../contract/chat.ts', '../../pipeline/house.ts', '../../config.ts'),
  ...forbidden('pipeline/x.ts', '../actions/perform.ts', '../adapters/postgres/db.ts', '../http/app.ts'),
  ...forbidden('actions/x.ts', '../pipeline/house.ts', '../adapters/postgres/db.ts', '../http/app.ts'),
  ...forbidden('adapters/postgres/x.ts', '../../contract/chat.ts', '../../http/app.ts', '../../config.ts'),
  ...forbidden('adapters/postgres/x.ts', '../../actions/perform.ts'),
  ...forbidden('http/x.ts', '../adapters/postgres/db.ts', '../config.ts', '../compose.ts'),
  ...forbidden('console/x.ts', '../core/limits/limiter.ts', '../http/app.ts', '../config.ts'),
  typesOnly('http/x.ts', '../core/limits/limiter.ts'),
  typesOnly('adapters/postgres/x.ts', '../../pipeline/house.ts'),
  typesOnly('console/x.ts', '../contract/chat.ts'),
];

const inDomain = (what: string, source: string, rule: Rule): Plant => ({
  what: `the domain ${what}`,
  path: 'domain/x.ts',
  source,
  rule,
});

const OTHER_WAYS_IN: Plant[] = [
  inDomain('re-exports a higher floor', "export { app } from '../http/app.ts';", 'floor'),
  inDomain('re-exports a type of a higher floor', "export type { App } from '../http/app.ts';", 'floor'),
  inDomain('loads a higher floor', "export const app = () => import('../http/app.ts');", 'floor'),
  inDomain('asks the type of a higher floor', "export type App = typeof import('../http/app.ts');", 'floor'),
  inDomain('requires a higher floor', "const app = require('../http/app.ts');", 'floor'),
  inDomain('names a higher floor as a worker', "new URL('../http/app.ts', import.meta.url);", 'floor'),
  inDomain(
    'loads what cannot be read',
    'export const load = (name: string) => import(name);',
    'computed-import',
  ),
  inDomain('imports a package', imports('zod'), 'vendor'),
  inDomain('imports a pure node module', imports('node:util'), 'node-module'),
  inDomain('leaves gateway/', imports('../../test/x.ts'), 'leaves-the-house'),
];

const SEPARATION: Plant[] = [
  {
    what: 'core room to core room',
    path: 'core/limits/x.ts',
    source: imports('../policy/decide.ts'),
    rule: 'separate-rooms',
  },
  {
    what: 'core room to a type',
    path: 'core/limits/x.ts',
    source: importsType('../policy/decide.ts'),
    rule: 'separate-rooms',
  },
  {
    what: 'adapter to adapter',
    path: 'adapters/limiter/x.ts',
    source: imports('../postgres/db.ts'),
    rule: 'separate-rooms',
  },
  {
    what: 'adapter to a type',
    path: 'adapters/limiter/x.ts',
    source: importsType('../postgres/db.ts'),
    rule: 'separate-rooms',
  },
  {
    what: 'a folder that is no floor',
    path: 'helpers/x.ts',
    source: 'export const x = 1;',
    rule: 'unknown-floor',
  },
];

const OUTSIDE_THEIR_ROOM: Readonly<Record<string, string>> = {
  '@azure/identity': 'adapters/keys/x.ts',
  '@electric-sql/pglite/vector': 'adapters/limiter/x.ts',
  '@opentelemetry/api': 'http/x.ts',
  '@redis/client': 'adapters/postgres/x.ts',
  casbin: 'core/policy/x.ts',
  cockatiel: 'adapters/postgres/x.ts',
  commander: 'http/x.ts',
  'drizzle-orm/pg-core': 'pipeline/x.ts',
  'eventsource-parser/stream': 'http/x.ts',
  express: 'adapters/telemetry/x.ts',
  helmet: 'main.ts',
  jose: 'http/x.ts',
  pg: 'actions/x.ts',
  pino: 'http/x.ts',
  'rate-limiter-flexible': 'core/limits/x.ts',
  'swagger-ui-dist': 'contract/x.ts',
  undici: 'adapters/limiter/x.ts',
  zod: 'http/x.ts',
  'zod-openapi': 'http/x.ts',
  'a-package-without-a-row': 'adapters/postgres/x.ts',
};

const VENDOR_PLANTS = Object.entries(OUTSIDE_THEIR_ROOM).map(
  ([name, path]): Plant => ({
    what: `${name} named in ${path}`,
    path,
    source: imports(name),
    rule: 'vendor',
  }),
);

const NODE_PLANTS = [
  'node:fs',
  'fs',
  'node:fs/promises',
  'node:net',
  'node:http',
  'node:child_process',
  'node:sqlite',
].map(
  (name): Plant => ({
    what: `core imports ${name}`,
    path: 'core/policy/x.ts',
    source: imports(name),
    rule: 'node-module',
  }),
);

const ENVIRONMENT_PLANTS = [
  'export const e = process.env;',
  "export const e = process?.env['HOME'];",
  "export const e = process['env'];",
  'export const { env } = process;',
  "import { env } from 'node:process';\nexport const e = env;",
  'process.loadEnvFile();',
  "process.getBuiltinModule('fs');",
].flatMap((source) =>
  ['main.ts', 'http/x.ts', 'adapters/postgres/x.ts'].map(
    (path): Plant => ({ what: `${path}: ${source.replace('\n', ' ')}`, path, source, rule: 'environment' }),
  ),
);

const CLOCK_PLANTS = [
  'Date.now()',
  'new Date()',
  'new Date',
  'Date()',
  'performance.now()',
  'process.hrtime.bigint()',
  'Math.random()',
  'crypto.randomUUID()',
  'globalThis.crypto.getRandomValues(bytes)',
].flatMap((effect) =>
  ['domain/x.ts', 'core/policy/x.ts', 'pipeline/x.ts', 'actions/x.ts'].map(
    (path): Plant => ({
      what: `${path}: ${effect}`,
      path,
      source: `export const effect = (bytes: Uint8Array) => ${effect};`,
      rule: 'clock-or-chance',
    }),
  ),
);

const PLANTS = [
  ...FLOOR_PLANTS,
  ...OTHER_WAYS_IN,
  ...SEPARATION,
  ...VENDOR_PLANTS,
  ...NODE_PLANTS,
  ...ENVIRONMENT_PLANTS,
  ...CLOCK_PLANTS,
];

test('a tree that uses every permitted way has no violation', () => {
  using tree = plant(ROOMS);
  assert.deepEqual(floorViolations(tree.root), []);
});

test('each planted violation is caught, by its rule, in its file, and alone', async (t) => {
  for (const { what, path, source, rule } of PLANTS) {
    await t.test(what, () => {
      using tree = plant({ ...ROOMS, [`gateway/${path}`]: source });
      const found = floorViolations(tree.root).map((one) => [one.path, one.rule]);
      assert.deepEqual(found, [[path, rule]]);
    });
  }
});

test('a cycle of value imports is caught, and one closed by a type import is none', () => {
  const a = 'gateway/core/policy/a.ts';
  const b = 'gateway/core/policy/b.ts';
  using knot = plant({ [a]: imports('./b.ts'), [b]: imports('./a.ts') });
  assert.deepEqual(
    floorViolations(knot.root).map((one) => [one.rule, one.detail]),
    [['cycle', 'core/policy/a.ts -> core/policy/b.ts']],
  );
  using chain = plant({ [a]: imports('./b.ts'), [b]: importsType('./a.ts') });
  assert.deepEqual(floorViolations(chain.root), []);
});

test('a file that imports itself, and a long ring, are cycles', () => {
  using self = plant({ 'gateway/domain/a.ts': imports('./a.ts') });
  assert.equal(floorViolations(self.root)[0]?.rule, 'cycle');
  const ring = Object.fromEntries(
    Array.from({ length: 20 }, (_, n) => [`gateway/domain/r${n}.ts`, imports(`./r${(n + 1) % 20}.ts`)]),
  );
  using tree = plant(ring);
  assert.equal(floorViolations(tree.root)[0]?.detail.split(' -> ').length, 20);
});

test('a violation in a comment or a string is none', () => {
  const source = "// import './http/app.ts'; Date.now()\nexport const text = 'process.env Math.random()';";
  using tree = plant({ 'gateway/domain/x.ts': source });
  assert.deepEqual(floorViolations(tree.root), []);
});
