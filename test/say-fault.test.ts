import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { ConfigError } from '../gateway/config.ts';
import { Problem } from '../gateway/domain/problem.ts';
import { sayFault } from '../gateway/say-fault.ts';

test('an error of our own, of the system, and a problem are told in words', () => {
  assert.equal(sayFault(new ConfigError('PORT is taken')), 'PORT is taken');
  assert.equal(sayFault(new Error('the folder is held')), 'the folder is held');
  assert.match(
    sayFault(new Problem('policy_invalid', { reasons: ['rule one'] })),
    /^policy_invalid: .*\n {2}rule one$/,
  );
  try {
    readFileSync('nowhere/at/all');
  } catch (fault) {
    assert.match(sayFault(fault), /^ENOENT: .*nowhere/);
  }
});

test("a driver's message is never told, for it may hold SQL and what was sent", () => {
  class QueryError extends Error {
    override name = 'QueryError';
  }
  const cause = Object.assign(new TypeError('bad value: zebrafish'), { code: '23514' });
  const said = sayFault(new QueryError('Failed query: insert into "operator" values (zebrafish)', { cause }));
  assert.equal(said, 'a fault that nobody foresaw (QueryError 23514)');
  assert.doesNotMatch(sayFault('zebrafish'), /zebrafish/);
});
