import { calculateJwkThumbprint, exportJWK, generateKeyPair, type JWK } from 'jose';
import type { Keyring } from '../../core/tenants/keyring.ts';
import { nextKeyFrom, outlivedAt, signerAt } from '../../core/tokens/key-schedule.ts';
import type { PublicJwk, SigningKey, SigningKeyStore } from '../../core/tokens/signing-key.ts';
import type { Clock, Instant } from '../../domain/clock.ts';
import { Problem } from '../../domain/problem.ts';

/** The keys that sign access tokens, in memory, and at most a second behind what any replica has made. */
export interface SigningKeys extends AsyncDisposable {
  /** Every key with which a token that is valid now, or soon, may be signed. */
  publicJwks(): { readonly keys: readonly PublicJwk[] };
  /** The private key that signs now. Throws `service_unavailable` when there is none. */
  signer(): JWK & { readonly kid: string };
  /** Makes the next key when it is time, and removes those that are of no more use; any replica may, also at once. */
  tend(): Promise<void>;
}

export interface SigningKeyParts {
  readonly store: SigningKeyStore;
  readonly keyring: Pick<Keyring, 'sealSigningKey' | 'openSigningKey'>;
  readonly clock: Clock;
  /** How long one key signs. */
  readonly rotationMs: number;
}

/** Reads the keys, makes the first one when there is none, and follows their changes. Throws when one cannot be opened. */
export async function openSigningKeys(parts: SigningKeyParts): Promise<SigningKeys> {
  const { store, keyring, clock } = parts;
  let keys: readonly SigningKey[] = [];
  const opened = new Map<string, JWK & { readonly kid: string }>();
  const take = (found: readonly SigningKey[]) => {
    for (const key of found) if (!opened.has(key.kid)) opened.set(key.kid, unseal(keyring, key));
    keys = found;
  };
  const tend = async () => {
    let after: readonly SigningKey[] = [];
    await store.change(async (found) => {
      const change = await dueChange(parts, found);
      after = [...found.filter(({ kid }) => !change.removed.includes(kid)), ...change.added];
      return change;
    });
    take(after);
  };
  await tend();
  const following = await store.follow(take);
  return {
    publicJwks() {
      const outlived = outlivedAt(keys, clock.now());
      return { keys: keys.filter((key) => !outlived.includes(key)).map(({ publicJwk }) => publicJwk) };
    },
    signer() {
      const privateJwk = opened.get(signerAt(keys, clock.now())?.kid ?? '');
      if (privateJwk === undefined) throw new Problem('service_unavailable');
      return privateJwk;
    },
    tend,
    [Symbol.asyncDispose]: () => following[Symbol.asyncDispose](),
  };
}

async function dueChange({ keyring, clock, rotationMs }: SigningKeyParts, keys: readonly SigningKey[]) {
  const now = clock.now();
  const signsFrom = nextKeyFrom(keys, { now, rotationMs });
  const removed = outlivedAt(keys, now).map(({ kid }) => kid);
  return { added: signsFrom === undefined ? [] : [await newKey(keyring, signsFrom)], removed };
}

async function newKey(keyring: SigningKeyParts['keyring'], signsFrom: Instant): Promise<SigningKey> {
  const pair = await generateKeyPair('ES256', { extractable: true });
  const kid = await calculateJwkThumbprint(await exportJWK(pair.publicKey));
  const about = { kid, alg: 'ES256', use: 'sig' } as const;
  const privateJwk = { ...(await exportJWK(pair.privateKey)), ...about };
  const { x = '', y = '' } = privateJwk;
  const sealedKey = keyring.sealSigningKey(Buffer.from(JSON.stringify(privateJwk)), kid);
  return { kid, publicJwk: { kty: 'EC', crv: 'P-256', x, y, ...about }, sealedKey, signsFrom };
}

function unseal(keyring: SigningKeyParts['keyring'], { kid, sealedKey }: SigningKey) {
  try {
    const plain = Buffer.from(keyring.openSigningKey(sealedKey, kid)).toString('utf8');
    return { ...(JSON.parse(plain) as JWK), kid }; // what was sealed here is what `newKey` made
  } catch (cause) {
    throw new Error('a signing key was sealed under another STEWARDGATE_MASTER_KEY', { cause });
  }
}
