import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { missingPaths } from './docs-paths.ts';
import { filesUnder, HOUSE, plant } from './tree.ts';

const ALWAYS = [
  'README.md',
  'CHANGELOG.md',
  'CONTRIBUTING.md',
  'SECURITY.md',
  'gateway/ARCHITECTURE.md',
  'gateway/COMPATIBILITY.md',
];
const ALSO = /^(gateway\/decisions|infra|policies)\/.*\.md$/;

test('every path that the documents name exists', () => {
  const documents = [...ALWAYS, ...filesUnder(HOUSE).filter((path) => ALSO.test(path))];
  assert.deepEqual(missingPaths(HOUSE, documents), []);
});

test('every decision record is in the index, and numbers are given once', () => {
  const records = filesUnder(join(HOUSE, 'gateway/decisions')).filter((path) => path !== 'README.md');
  const index = readFileSync(join(HOUSE, 'gateway/decisions/README.md'), 'utf8');
  assert.deepEqual(
    records.filter((path) => !index.includes(`](${path})`)),
    [],
  );
  assert.equal(new Set(records.map((path) => path.slice(0, 4))).size, records.length);
});

const FILES = {
  'gateway/pipeline/journey.ts': '',
  'gateway/core/limits/limiter.ts': '',
  'policies/cases/basic.csv': '',
  'docker-compose.yml': '',
  'infra/README.md': '',
};

const missingFrom = (text: string, document = 'README.md') => {
  using tree = plant({ ...FILES, [document]: text });
  return missingPaths(tree.root, [document]);
};

test('a path in code or in a link that does not exist is caught', () => {
  const plants: Record<string, string> = {
    'See `gateway/pipeline/voyage.ts`.': 'gateway/pipeline/voyage.ts',
    'See `gateway/pipelines/`.': 'gateway/pipelines/',
    'See `voyage.ts`.': 'voyage.ts',
    'See `pipeline/voyage.ts`.': 'pipeline/voyage.ts',
    'Run `node gateway/pipeline/voyage.ts --fast`.': 'gateway/pipeline/voyage.ts',
    'See [the voyage](gateway/voyage.md#start).': 'gateway/voyage.md',
    'See [the voyage](infra).\n\n```sh\nsh infra/up.sh\n```': 'infra/up.sh',
    'See `gateway/{pipeline,voyage}/`.': 'gateway/{pipeline,voyage}/',
    'See `policies/cases/*.json`.': 'policies/cases/*.json',
    'See `gateway/core/<room>/voyage.ts`.': 'gateway/core/<room>/voyage.ts',
    'See `gateway/pipeline/voyage.ts:12`.': 'gateway/pipeline/voyage.ts',
  };
  for (const [text, path] of Object.entries(plants)) {
    assert.deepEqual(missingFrom(text), [`README.md: ${path}`], text);
  }
});

test('a link is read from the folder of its document', () => {
  assert.deepEqual(missingFrom('[compose](../docker-compose.yml)', 'infra/start.md'), []);
  assert.deepEqual(missingFrom('[compose](docker-compose.yml)', 'infra/start.md'), [
    'infra/start.md: docker-compose.yml',
  ]);
});

test('paths that exist, patterns that match, and things that are no paths pass', () => {
  const text = [
    '`gateway/pipeline/journey.ts`, `journey.ts`, `pipeline/journey.ts:7`, `gateway/`, `docker-compose.yml`',
    '`policies/cases/<name>.csv`, `policies/**/*.csv`, `gateway/core/<room>/`, `gateway/{core,pipeline}/`',
    '`/v1/chat/completions`, `application/json`, `@azure/identity`, `POST /admin/v1/*`, `openai/v1`, `.env`',
    '`node_modules/.bin/node`, `.data/demo.json`, `http://127.0.0.1:8080/x.json`, `1.0.0-rc.5`, `crypto.randomUUIDv7`',
    '[site](https://example.org/a.md) [section](#here) [file](gateway/pipeline/journey.ts)',
  ].join('\n');
  assert.deepEqual(missingFrom(text), []);
});

test('a document that is missing is named', () => {
  using tree = plant(FILES);
  assert.deepEqual(missingPaths(tree.root, ['CHANGELOG.md']), ['CHANGELOG.md: the document itself']);
});
