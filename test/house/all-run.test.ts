import assert from 'node:assert/strict';
import { test } from 'node:test';
import { findTestsNotRunOnce } from './all-run.ts';
import { HOUSE, plant } from './tree.ts';

test('every test file is run by one of the scripts, once', () => {
  assert.deepEqual(findTestsNotRunOnce(HOUSE), []);
});

test('a folder that nothing runs and a file that runs twice are found', () => {
  using tree = plant({
    'package.json': '{ "scripts": { "test": "node --test \\"test/!(core|lost)/**/*.test.ts\\"" } }',
    'test/all/core.test.ts': '',
    'test/all/http.test.ts': '',
    'test/core/deep/one.test.ts': '',
    'test/http/two.test.ts': '',
    'test/lost/three.test.ts': '',
  });
  assert.deepEqual(findTestsNotRunOnce(tree.root), [
    'test/http/two.test.ts: run 2 times',
    'test/lost/three.test.ts: run 0 times',
  ]);
});
