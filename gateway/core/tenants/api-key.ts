import type { KeyId } from '../../domain/ids.ts';
import type { KeyEnvironment } from './tenant.ts';

/** The outside form is `sgk_{live|test}_{12 base62 id}_{43 base62 secret}_{6 base62 CRC-32}`. */
const FORM = /^sgk_(live|test)_([0-9A-Za-z]{12})_([0-9A-Za-z]{43})_([0-9A-Za-z]{6})$/;
const FORM_LENGTH = 'sgk_test_'.length + 12 + 1 + 43 + 1 + 6;
const ALPHABET = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';

export interface ApiKeyText {
  readonly environment: KeyEnvironment;
  readonly id: KeyId;
  readonly secret: string;
}

/** The parts of a key whose form and checksum are right, else undefined; needs no look-up. */
export function readApiKey(text: string): ApiKeyText | undefined {
  if (text.length !== FORM_LENGTH) return undefined;
  const [, environment, id, secret, checksum] = FORM.exec(text) ?? [];
  if (id === undefined || secret === undefined) return undefined;
  if (checksum !== checksumOf(text.slice(0, -7))) return undefined;
  return { environment: environment === 'live' ? 'live' : 'test', id: id as KeyId, secret };
}

/** A new key from random bytes (at least 128 of them, from a cryptographic source). */
export function mintApiKey(
  environment: KeyEnvironment,
  random: Uint8Array,
): ApiKeyText & { readonly text: string } {
  const letters = base62Letters(random, 55);
  const id = letters.slice(0, 12) as KeyId;
  const secret = letters.slice(12);
  const body = `sgk_${environment}_${id}_${secret}`;
  return { environment, id, secret, text: `${body}_${checksumOf(body)}` };
}

/** Bytes from 248 up are skipped, so that every letter is equally likely. */
function base62Letters(random: Uint8Array, count: number): string {
  let letters = '';
  for (const byte of random) {
    if (letters.length === count) break;
    if (byte < 248) letters += ALPHABET[byte % 62];
  }
  if (letters.length < count) throw new Error('too few random bytes for an API key');
  return letters;
}

function checksumOf(body: string): string {
  let rest = crc32(body);
  let digits = '';
  for (let place = 0; place < 6; place++) {
    digits = ALPHABET[rest % 62] + digits;
    rest = Math.floor(rest / 62);
  }
  return digits;
}

/** CRC-32 as ISO 3309 and zlib have it; keys are ASCII. */
function crc32(ascii: string): number {
  let crc = 0xffffffff;
  for (let at = 0; at < ascii.length; at++) {
    crc ^= ascii.charCodeAt(at);
    for (let bit = 0; bit < 8; bit++) crc = (crc >>> 1) ^ (crc & 1 ? 0xedb88320 : 0);
  }
  return (crc ^ 0xffffffff) >>> 0;
}
