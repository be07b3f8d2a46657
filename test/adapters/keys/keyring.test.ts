import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { createKeyring } from '../../../gateway/adapters/keys/keyring.ts';
import { demoMasterKey } from '../../../gateway/adapters/keys/master-key.ts';
import { aTenant } from '../postgres/fixtures.ts';

const master = new Uint8Array(32).fill(7);
const [one, other] = [aTenant().id, aTenant().id];

let folder: string;
before(() => {
  folder = mkdtempSync(join(tmpdir(), 'stewardgate-keys-'));
});
after(() => rmSync(folder, { recursive: true }));

test('a secret is known by its keyed hash alone, and only under the same master key', () => {
  const keyring = createKeyring(master);
  const hmac = keyring.secretHmac('a secret');
  assert.equal(hmac.length, 32);
  assert.ok(!Buffer.from(hmac).includes('secret'));
  assert.ok(keyring.isSecret('a secret', hmac));
  assert.ok(createKeyring(master).isSecret('a secret', hmac));
  assert.ok(!keyring.isSecret('a Secret', hmac));
  assert.ok(!createKeyring(new Uint8Array(32).fill(8)).isSecret('a secret', hmac));
});

test('a hash of another length matches nothing, and is no fault', () => {
  const keyring = createKeyring(master);
  for (const hmac of [new Uint8Array(), new Uint8Array(31), new Uint8Array(32), new Uint8Array(64)]) {
    assert.ok(!keyring.isSecret('a secret', hmac));
  }
});

test('a patient is the same 128 bits within a tenant and unlinkable across tenants', () => {
  const keyring = createKeyring(master);
  assert.match(keyring.patientRef(one, 'pt7f3a9c21'), /^[0-9a-f]{32}$/);
  assert.equal(keyring.patientRef(one, 'pt7f3a9c21'), createKeyring(master).patientRef(one, 'pt7f3a9c21'));
  assert.notEqual(keyring.patientRef(one, 'pt7f3a9c21'), keyring.patientRef(other, 'pt7f3a9c21'));
  assert.notEqual(keyring.patientRef(one, 'pt7f3a9c21'), keyring.patientRef(one, 'pt7f3a9c22'));
});

test('a person is 256 bits to the host, other than as a patient, and unlinkable across tenants', () => {
  const keyring = createKeyring(master);
  const identifier = keyring.safetyIdentifier(one, 'clinician-1');
  assert.match(identifier, /^[0-9a-f]{64}$/);
  assert.notEqual(identifier, keyring.safetyIdentifier(other, 'clinician-1'));
  assert.ok(!identifier.startsWith(keyring.patientRef(one, 'clinician-1')));
});

test('what is sealed is opened for the same tenant and place alone, and only unaltered', () => {
  const keyring = createKeyring(master);
  const plain = Buffer.from('Rest and fluids.');
  const sealed = keyring.sealReplay(one, plain, 'place');
  assert.deepEqual(Buffer.from(keyring.openReplay(one, sealed, 'place')), plain);
  assert.ok(!Buffer.from(sealed).includes('fluids'));
  assert.notDeepEqual(keyring.sealReplay(one, plain, 'place'), sealed);
  assert.throws(() => keyring.openReplay(other, sealed, 'place'));
  assert.throws(() => keyring.openReplay(one, sealed, 'elsewhere'));
  assert.throws(() => createKeyring(new Uint8Array(32).fill(8)).openReplay(one, sealed, 'place'));
  for (const at of [0, 12, sealed.length - 1]) {
    const altered = Buffer.from(sealed);
    altered[at] = (altered[at] ?? 0) ^ 1;
    assert.throws(() => keyring.openReplay(one, altered, 'place'));
  }
  for (const length of [0, 11, 27]) {
    assert.throws(() => keyring.openReplay(one, sealed.slice(0, length), 'place'));
  }
});

test('a hash for repeats is 256 bits, and unlinkable across tenants', () => {
  const keyring = createKeyring(master);
  assert.equal(keyring.replayHmac(one, 'key').length, 32);
  assert.deepEqual(keyring.replayHmac(one, 'key'), createKeyring(master).replayHmac(one, 'key'));
  assert.notDeepEqual(keyring.replayHmac(one, 'key'), keyring.replayHmac(other, 'key'));
});

test('what begins a prompt and what names it in the cache is 128 bits of a tenant, and neither tells the other', () => {
  const keyring = createKeyring(master);
  const salt = keyring.promptSalt(one);
  assert.match(salt, /^[0-9a-f]{32}$/);
  assert.equal(salt, createKeyring(master).promptSalt(one));
  const names = [
    keyring.promptCacheKey(one, ''),
    keyring.promptCacheKey(one, 'ward'),
    keyring.promptCacheKey(other, 'ward'),
  ];
  assert.ok(names.every((name) => /^[0-9a-f]{32}$/.test(name)));
  assert.equal(new Set([salt, keyring.promptSalt(other), ...names]).size, 5);
});

test('the mark of a version is 24 characters of base32, its own and nobody else’s', () => {
  const mark = createKeyring(master).preambleMark('mayo-cr-1');
  assert.match(mark, /^[A-Z2-7]{24}$/);
  assert.equal(mark, createKeyring(master).preambleMark('mayo-cr-1'));
  assert.notEqual(mark, createKeyring(master).preambleMark('mayo-cr-2'));
  assert.notEqual(mark, createKeyring(new Uint8Array(32).fill(8)).preambleMark('mayo-cr-1'));
});

test('hashes do not change when more tenants come than are remembered', () => {
  const keyring = createKeyring(master);
  const before = keyring.patientRef(one, 'pt7f3a9c21');
  for (let at = 0; at < 10_001; at += 1) keyring.patientRef(`ten_${at}` as typeof one, 'x');
  assert.equal(keyring.patientRef(one, 'pt7f3a9c21'), before);
});

test("the demo's master key is made once, kept for its owner alone, and a spoiled one is refused", () => {
  const key = demoMasterKey(folder);
  assert.equal(key.length, 32);
  assert.deepEqual(demoMasterKey(folder), key);
  const file = join(folder, 'master.key');
  assert.equal(statSync(file).mode & 0o777, 0o600);
  assert.equal(Buffer.from(readFileSync(file, 'utf8'), 'base64').length, 32);
  writeFileSync(file, 'c2hvcnQ=');
  assert.throws(() => demoMasterKey(folder), /32 bytes/);
});
