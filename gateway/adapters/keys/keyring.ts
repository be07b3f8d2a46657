import { createHmac, createSecretKey, hkdfSync, type KeyObject, timingSafeEqual } from 'node:crypto';
import type { Keyring } from '../../core/tenants/keyring.ts';
import type { TenantId } from '../../domain/ids.ts';
import { open, seal } from './seal.ts';

const TENANT_KEYS_MAX = 10_000;

/** A keyring over one 32-byte master key; tenant keys are derived when first needed and kept in memory only. */
export function createKeyring(masterKey: Uint8Array): Keyring {
  const pepper = derive(masterKey, 'api-key-pepper/1');
  const preambleKey = derive(masterKey, 'preamble-mark/1');
  const signingKeySeal = derive(masterKey, 'signing-key/1');
  const tenantKeys = new Map<string, KeyObject>();

  const tenantKey = (use: string, tenant: TenantId): KeyObject => {
    const label = `${use}/${tenant}`;
    const known = tenantKeys.get(label);
    if (known !== undefined) return known;
    if (tenantKeys.size >= TENANT_KEYS_MAX) tenantKeys.clear();
    const key = derive(masterKey, label);
    tenantKeys.set(label, key);
    return key;
  };

  return {
    secretHmac: (secret) => hmac(pepper, secret),
    isSecret: (secret, expected) => {
      const actual = hmac(pepper, secret);
      return expected.length === actual.length && timingSafeEqual(actual, expected);
    },
    patientRef: (tenant, reference) =>
      hmac(tenantKey('patient-ref/1', tenant), reference).toString('hex', 0, 16),
    safetyIdentifier: (tenant, user) => hmac(tenantKey('safety-identifier/1', tenant), user).toString('hex'),
    replayHmac: (tenant, text) => hmac(tenantKey('replay/1', tenant), text),
    sealReplay: (tenant, plain, about) => seal(tenantKey('replay-answer/1', tenant), plain, about),
    openReplay: (tenant, sealed, about) => open(tenantKey('replay-answer/1', tenant), sealed, about),
    promptSalt: (tenant) => hmac(tenantKey('prompt-salt/1', tenant), '').toString('hex', 0, 16),
    promptCacheKey: (tenant, own) =>
      hmac(tenantKey('prompt-cache-key/1', tenant), own).toString('hex', 0, 16),
    preambleMark: (version) => base32(hmac(preambleKey, version).subarray(0, MARK_OCTETS)),
    sealSigningKey: (plain, kid) => seal(signingKeySeal, plain, kid),
    openSigningKey: (sealed, kid) => open(signingKeySeal, sealed, kid),
  };
}

/** As a key object: an HMAC takes 2.4 µs with one and 12 µs with plain bytes, which it imports anew each time. */
function derive(masterKey: Uint8Array, label: string): KeyObject {
  return createSecretKey(Buffer.from(hkdfSync('sha256', masterKey, 'stewardgate', label, 32)));
}

function hmac(key: KeyObject, text: string): Buffer {
  return createHmac('sha256', key).update(text).digest();
}

const MARK_OCTETS = 15;
const BASE32 = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567';

/** RFC 4648 section 6, for a multiple of five octets. */
function base32(octets: Uint8Array): string {
  const bits = Array.from(octets, (octet) => octet.toString(2).padStart(8, '0')).join('');
  return (bits.match(/.{5}/g) ?? []).map((five) => BASE32.charAt(Number.parseInt(five, 2))).join('');
}
