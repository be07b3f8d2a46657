import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ConfigError, readConfig } from '../../gateway/config.ts';

const SAFE = {
  STEWARDGATE_MODE: 'production',
  DATABASE_URL: 'postgres://gateway@db.example/gateway',
  STEWARDGATE_MASTER_KEY: Buffer.from(Array.from({ length: 32 }, (_, at) => at * 7)).toString('base64'),
  MODEL_UPSTREAM: 'azure',
  MODEL_UPSTREAM_URL: 'https://model.example/openai/v1',
  STEWARDGATE_PUBLIC_URL: 'https://gateway.example',
};

const UNSAFE: readonly (readonly [string, string])[] = [
  ['STEWARDGATE_MASTER_KEY', Buffer.alloc(32).toString('base64')],
  ['STEWARDGATE_TRUSTED_PROXIES', '10.0.0.1, 0.0.0.0/0'],
  ['STEWARDGATE_TRUSTED_PROXIES', '::/0'],
  ['NODE_TLS_REJECT_UNAUTHORIZED', '0'],
];
for (const [name, value] of UNSAFE) {
  test(`production refuses to start with ${name}=${value}, naming it`, () => {
    assert.equal(readConfig(SAFE).mode, 'production');
    assert.throws(
      () => readConfig({ ...SAFE, [name]: value }),
      (thrown) =>
        thrown instanceof ConfigError && thrown.message.includes(name) && !thrown.message.includes('AAAA'),
    );
  });
}
