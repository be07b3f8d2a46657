import assert from 'node:assert/strict';
import { test } from 'node:test';
import { HOUSE, plant } from './tree.ts';
import { type WordRule, wordFaults } from './words.ts';

test('the tree holds no left-over words, default exports, any, focused tests or overlong files', () => {
  assert.deepEqual(
    wordFaults(HOUSE).map((fault) => `${fault.path}:${fault.line} ${fault.rule}`),
    [],
  );
});

/** Each planted text is cut in two where it would be a hit in this file as well. */
const PLANTS: readonly (readonly [WordRule, string, string])[] = [
  ['left-over', 'gateway/a.ts', '// TO|DO: later'],
  ['left-over', 'infra/a.yml', '# fix|me'],
  ['left-over', 'README.md', 'This is a place|holder.'],
  ['left-over', 'migrations/a.sql', '-- not imple|mented'],
  ['left-over', 'gateway/http/docs/a.html', '<!-- TO|DO -->'],
  ['left-over', 'gateway/http/docs/a.js', '// fix|me'],
  ['left-over', 'infra/a.http', 'x-note: TO|DO'],
  ['left-over', '.env.example', '# TO|DO'],
  ['machine-path', 'README.md', 'See `|/home/ada/stewardgate`.'],
  ['machine-path', '.ci/run', 'cd |/root/stewardgate'],
  ['default-export', 'gateway/a.ts', 'export default 1;'],
  ['default-export', 'gateway/a.ts', 'export { a as default };'],
  ['any', 'gateway/a.ts', 'const a: any = 1;'],
  ['any', 'test/a.test.ts', 'f(b as any);'],
  ['any', 'gateway/a.ts', 'type A = Record<string, any>;'],
  ['any', 'gateway/a.ts', 'const f = (...rest: any[]) => rest;'],
  ['only', 'test/a.test.ts', "test.only('a', () => {});"],
  ['only', 'test/a.test.ts', "test('a', { only: true }, () => {});"],
  ['long-file', 'gateway/a.ts', 'export const a = 1;\n'.repeat(401)],
];

test('each planted fault is caught by its rule, and alone', () => {
  for (const [rule, path, text] of PLANTS) {
    using tree = plant({ [path]: text.replace('|', '') });
    assert.deepEqual(
      wordFaults(tree.root).map((fault) => [fault.rule, fault.path]),
      [[rule, path]],
      text,
    );
  }
});

test('the same words are no fault where they mean something else', () => {
  using tree = plant({
    'gateway/a.ts':
      "// any default will do\nexport const a = AbortSignal.any([]);\nexport const b = 'default any';",
    'drizzle.config.ts': 'export default {};',
    'test/long.test.ts': 'export const a = 1;\n'.repeat(401),
    'infra/Dockerfile': 'WORKDIR /app',
  });
  assert.deepEqual(wordFaults(tree.root), []);
});
