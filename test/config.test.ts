import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { ConfigError, printEnvExample, printSettingsTable, readConfig, SETTINGS } from '../gateway/config.ts';

const ROOT = join(import.meta.dirname, '..');
const KEY = Buffer.alloc(32, 7).toString('base64');
const SAFE = {
  STEWARDGATE_MODE: 'production',
  DATABASE_URL: 'postgres://gate@db.example/stewardgate',
  STEWARDGATE_MASTER_KEY: KEY,
  STEWARDGATE_PUBLIC_URL: 'https://gateway.example',
  MODEL_UPSTREAM: 'openai',
  MODEL_UPSTREAM_URL: 'https://model.example/openai/v1',
  MODEL_UPSTREAM_API_KEY: 'a-secret-of-the-model',
};

function refusal(environment: Readonly<Record<string, string | undefined>>): string {
  try {
    readConfig(environment);
  } catch (fault) {
    assert.ok(fault instanceof ConfigError);
    return fault.message;
  }
  return assert.fail('the settings were accepted');
}

test('without any setting the gateway is a demo on this machine alone, with the simulated model', () => {
  const config = readConfig({});
  assert.deepEqual([config.mode, config.host, config.port], ['demo', '127.0.0.1', 8080]);
  assert.deepEqual(config.upstream, { kind: 'simulated', fixturesFile: undefined });
});

test('a safe production setting is accepted', () => {
  const config = readConfig(SAFE);
  assert.deepEqual([config.mode, config.host, config.masterKey?.length], ['production', '0.0.0.0', 32]);
});

const UNSAFE: readonly (readonly [string, Readonly<Record<string, string | undefined>>])[] = [
  ['DATABASE_URL', { DATABASE_URL: undefined }],
  ['STEWARDGATE_MASTER_KEY', { STEWARDGATE_MASTER_KEY: undefined }],
  ['MODEL_UPSTREAM', { MODEL_UPSTREAM: 'simulated' }],
  ['MODEL_UPSTREAM', { MODEL_UPSTREAM: undefined }],
  ['MODEL_SIMULATED_FIXTURES', { MODEL_SIMULATED_FIXTURES: 'answers.json' }],
  ['MODEL_UPSTREAM_URL', { MODEL_UPSTREAM_URL: 'http://model.example/v1' }],
  ['MODEL_UPSTREAM_URL', { MODEL_UPSTREAM_URL: undefined }],
  ['STEWARDGATE_PUBLIC_URL', { STEWARDGATE_PUBLIC_URL: 'http://gateway.example' }],
  ['STEWARDGATE_PUBLIC_URL', { STEWARDGATE_PUBLIC_URL: undefined }],
  ['REDIS_URL', { STEWARDGATE_REPLICAS: '2' }],
  ['LOG_LEVEL', { LOG_LEVEL: 'debug' }],
];

for (const [name, change] of UNSAFE) {
  test(`production refuses an unsafe setting and names it: ${JSON.stringify(change)}`, () => {
    assert.match(
      refusal({ ...SAFE, ...change }),
      new RegExp(`Production refuses to start:\\n(.*\\n)*? *${name} `),
    );
  });
}

test('production names every unsafe setting at once', () => {
  const message = refusal({ STEWARDGATE_MODE: 'production' });
  for (const name of [
    'DATABASE_URL',
    'STEWARDGATE_MASTER_KEY',
    'MODEL_UPSTREAM ',
    'MODEL_UPSTREAM_URL',
    'STEWARDGATE_PUBLIC_URL',
  ]) {
    assert.ok(message.includes(name), name);
  }
});

test('an unknown setting of ours is refused by name; names of others are not ours to judge', () => {
  assert.match(
    refusal({ STEWARDGATE_PUBLIC_URI: 'x', STEWARDGATE_X: '' }),
    /STEWARDGATE_PUBLIC_URI, STEWARDGATE_X/,
  );
  readConfig({ HOME: 'x', OTEL_SERVICE_NAME: 'x', PATH: 'x' });
});

for (const host of [
  '0.0.0.0',
  '::',
  '192.0.2.1',
  'gateway.example',
  '127.evil.example',
  '127.0.0.1.evil.example',
  '127.0.0',
]) {
  test(`the demo does not listen where others can reach it: ${host}`, () => {
    assert.match(refusal({ HOST: host }), /^HOST must be a loopback address/);
  });
}

test('the demo may listen on any address of this machine alone', () => {
  for (const host of ['127.0.0.1', '127.0.0.2', '::1', 'localhost'])
    assert.equal(readConfig({ HOST: host }).host, host);
});

const UNUSABLE: readonly (readonly [string, string])[] = [
  ['PORT', '70000'],
  ['PORT', '80.5'],
  ['PORT', 'eighty'],
  ['STEWARDGATE_MODE', 'Production'],
  ['DATABASE_URL', 'mysql://db.example/x'],
  ['REDIS_URL', 'http://cache.example'],
  ['STEWARDGATE_REPLICAS', '0'],
  ['STEWARDGATE_LIMITS_WHEN_REDIS_DOWN', 'allow'],
  ['MODEL_UPSTREAM', 'other'],
  ['STEWARDGATE_PUBLIC_URL', 'gateway.example'],
  ['STEWARDGATE_PUBLIC_URL', 'https://gateway.example/v1'],
  ['STEWARDGATE_PUBLIC_URL', 'https://gateway.example/?a=1'],
  ['STEWARDGATE_PUBLIC_URL', 'https://gateway.example?'],
  ['STEWARDGATE_PUBLIC_URL', 'https://ada@gateway.example'],
  ['STEWARDGATE_TRUSTED_PROXIES', 'garbage'],
  ['STEWARDGATE_TRUSTED_PROXIES', '192.0.2.1, 192.0.2.0/33'],
  ['STEWARDGATE_TRUSTED_PROXIES', '192.0.2.300'],
  ['MODEL_UPSTREAM_URL', 'nonsense'],
  ['MODEL_UPSTREAM_URL', 'https://model.example'],
  ['MODEL_UPSTREAM_URL', 'https://model.example/openai'],
  ['MODEL_UPSTREAM_URL', 'https://model.example/v10'],
  ['MODEL_UPSTREAM_URL', 'https://model.example/v1/chat/completions'],
  ['MODEL_UPSTREAM_URL', 'https://ada:invented@model.example/v1'],
  ['MODEL_UPSTREAM_URL', 'https://model.example/v1?key=invented'],
  ['LOG_LEVEL', 'trace'],
];

for (const [name, value] of UNUSABLE) {
  test(`a value that cannot be used is refused by name: ${name}=${value}`, () => {
    assert.match(refusal({ [name]: value }), new RegExp(`Settings that cannot be used:\\n {2}${name}: `));
  });
}

test('replicas that would count apart are refused in every mode', () => {
  const shared = { STEWARDGATE_REPLICAS: '2', DATABASE_URL: 'postgres://gate@db.example/stewardgate' };
  assert.match(refusal(shared), /^REDIS_URL must be set when STEWARDGATE_REPLICAS is more than 1/);
  assert.equal(readConfig({ ...shared, REDIS_URL: 'redis://cache.example' }).replicas, 2);
});

test('what the table allows is accepted, and an origin is kept without its slash', () => {
  const config = readConfig({
    STEWARDGATE_PUBLIC_URL: 'https://Gateway.example:8443/',
    STEWARDGATE_TRUSTED_PROXIES: '192.0.2.1, 198.51.100.0/24,2001:db8::1, 2001:db8::/32',
  });
  assert.equal(config.publicUrl, 'https://gateway.example:8443');
  assert.equal(config.trustedProxies.length, 4);
  for (const path of ['/v1', '/openai/v1', '/openai/v1/'])
    readConfig({ ...SAFE, MODEL_UPSTREAM_URL: `https://model.example${path}` });
});

test('an empty value is an unset one', () => {
  assert.equal(readConfig({ PORT: '', DATABASE_URL: '' }).port, 8080);
});

test('a refusal never repeats a secret', () => {
  const secrets = {
    STEWARDGATE_MASTER_KEY: 'not-32-bytes-of-a-secret',
    MODEL_UPSTREAM_API_KEY: 'x'.repeat(2_000),
  };
  for (const [name, value] of Object.entries(secrets)) {
    const message = refusal({ ...SAFE, [name]: value });
    assert.ok(message.includes(name));
    assert.ok(!message.includes(value.slice(0, 12)));
  }
  for (const [name, url] of [
    ['DATABASE_URL', 'postgres://gate:hunter2@db.example:bad/x'],
    ['MODEL_UPSTREAM_URL', 'https://gate:hunter2@model.example/v1'],
  ] as const) {
    assert.ok(!refusal({ [name]: url }).includes('hunter2'), name);
  }
});

test('the master key may stand in a file, and one that cannot be read or is too short stops the start', () => {
  const folder = mkdtempSync(join(tmpdir(), 'stewardgate-config-'));
  const file = join(folder, 'master.key');
  writeFileSync(file, `${KEY}\n`);
  const { STEWARDGATE_MASTER_KEY: _, ...keyless } = SAFE;
  assert.deepEqual(
    readConfig({ ...keyless, STEWARDGATE_MASTER_KEY_FILE: file }).masterKey,
    Buffer.alloc(32, 7),
  );
  writeFileSync(file, 'c2hvcnQ=');
  assert.match(refusal({ ...keyless, STEWARDGATE_MASTER_KEY_FILE: file }), /32 bytes/);
  assert.match(
    refusal({ ...keyless, STEWARDGATE_MASTER_KEY_FILE: join(folder, 'none') }),
    /STEWARDGATE_MASTER_KEY_FILE/,
  );
  rmSync(folder, { recursive: true });
});

test('a model over the network needs its address, and a key where nothing else can sign in', () => {
  assert.match(refusal({ MODEL_UPSTREAM: 'openai' }), /MODEL_UPSTREAM_URL must be set/);
  assert.match(
    refusal({ MODEL_UPSTREAM: 'openai', MODEL_UPSTREAM_URL: 'http://127.0.0.1:1/v1' }),
    /MODEL_UPSTREAM_API_KEY must be set/,
  );
  const azure = readConfig({
    MODEL_UPSTREAM: 'azure',
    MODEL_UPSTREAM_URL: 'https://model.example/openai/v1',
  });
  assert.equal(azure.upstream.kind, 'azure');
});

test('.env.example is what the settings print', () => {
  assert.equal(readFileSync(join(ROOT, '.env.example'), 'utf8'), printEnvExample());
});

test("the README's table of settings is what the settings print", () => {
  assert.ok(readFileSync(join(ROOT, 'README.md'), 'utf8').includes(printSettingsTable()));
});

test('every setting says what it is for', () => {
  for (const { name, about } of SETTINGS) assert.ok(about.length > 10, name);
});
