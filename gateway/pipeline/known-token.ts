import { factsIn, type TokenFacts } from '../core/tenants/access-token.ts';
import type { SentToken } from '../core/tenants/credentials.ts';
import { PROOF_MS, proofIdFor, readProof } from '../core/tenants/dpop-proof.ts';
import { fittingKey } from '../core/tenants/jwk.ts';
import { digestOf, readSigned, type SignedText } from '../core/tenants/signed-text.ts';
import type { ClientHolder, KnownToken } from '../core/tenants/tenant.ts';
import { isAccessTokenType, keyNamed } from '../core/tenants/token-header.ts';
import { ownTrust, type Trust, trustIn } from '../core/tenants/trust.ts';
import { isUnder } from '../core/tenants/verified-tokens.ts';
import { at } from '../domain/clock.ts';
import { type ClientId, readId } from '../domain/ids.ts';
import { Problem } from '../domain/problem.ts';
import type { House } from './house.ts';
import type { Doorstep } from './identify.ts';

export type TokenHouse = Pick<House, 'clock' | 'directory' | 'tokens'>;

/**
 * The token at the door: found right, bound to whoever sends it where it is bound at all, and held by a client that its
 * issuer was pinned for. Whether that client may call is not decided here. Throws the 401 problems of tokens and proofs,
 * and `idp_unavailable`.
 */
export async function knownToken(house: TokenHouse, door: Doorstep, sent: SentToken): Promise<KnownToken> {
  const { trust, facts } = await rightToken(house, sent.text);
  await requireSender(house, door, { sent, facts });
  const holder = await holderOf(house, trust, facts);
  const { tokenId, scopes, tenant } = facts;
  return { tokenId, method: sent.method, scopes, tenant, issuerId: trust.pinned?.id ?? null, holder };
}

interface RightToken {
  readonly trust: Trust;
  readonly facts: TokenFacts;
}

/** Signature and claims are looked at once a minute, whoever is trusted every time. */
async function rightToken(house: TokenHouse, text: string): Promise<RightToken> {
  const digest = digestOf(text);
  const now = house.clock.now();
  const kept = house.tokens.verified.recall(digest, now);
  if (kept !== undefined) {
    const trust = await trustOf(house, kept.issuer);
    if (isUnder(trust, kept)) return { trust, facts: kept.facts };
  }
  const read = readSigned(text);
  if (read === undefined) throw new Problem('invalid_token');
  const right = await verified(house, read);
  const { trust, facts } = right;
  house.tokens.verified.remember(digest, { facts, issuer: trust.issuer, pinnedId: trust.pinned?.id }, now);
  return right;
}

/** In this order: an issuer that nobody pinned costs no key, a key that does not fit no arithmetic. */
async function verified(house: TokenHouse, read: SignedText): Promise<RightToken> {
  const trust = await trustOf(house, read.claims.iss);
  const named = keyNamed(read.header, trust);
  const key = fittingKey(await keysOf(house, trust, named.kid), named);
  if (!(await house.tokens.signatures.isBy(read.text, named.alg, key))) throw new Problem('invalid_token');
  if (!isAccessTokenType(read.header, trust)) throw new Problem('invalid_token');
  return { trust, facts: factsIn(read.claims, trust, house.clock.now()) };
}

/** Visible ASCII, as a URL is written: what storage cannot hold is asked of nobody. */
const ISSUER = /^[\x21-\x7e]{1,512}$/;

async function trustOf({ tokens, directory }: TokenHouse, issuer: unknown): Promise<Trust> {
  const ownUrl = tokens.publicUrl();
  if (issuer === ownUrl) return ownTrust(ownUrl);
  const isName = typeof issuer === 'string' && ISSUER.test(issuer);
  const pinned = isName ? await directory.findIssuer(issuer) : undefined;
  if (pinned?.status !== 'active') throw new Problem('invalid_token');
  return trustIn(pinned);
}

async function keysOf({ tokens }: TokenHouse, { pinned }: Trust, kid: string) {
  return pinned === undefined
    ? tokens.ownKeys.publicJwks().keys
    : tokens.keySets.keysWith(pinned.jwksUri, kid);
}

interface Sending {
  readonly sent: SentToken;
  readonly facts: TokenFacts;
}

/** A bound token counts with a fresh proof by its own key alone, and a free one is no proven one (RFC 9449 section 7). */
async function requireSender(house: TokenHouse, door: Doorstep, { sent, facts }: Sending): Promise<void> {
  if ((sent.method === 'dpop_token') !== (facts.jkt !== null)) throw new Problem('invalid_token');
  if (sent.method !== 'dpop_token') return;
  const { signatures, proofs, publicUrl } = house.tokens;
  const proof = readProof(sent.proof);
  const now = house.clock.now();
  const id = proofIdFor(proof, { method: door.method, url: publicUrl() + door.path, token: sent.text, now });
  const isHeld = (await signatures.thumbprint(proof.key)) === facts.jkt;
  if (!isHeld || !(await signatures.isBy(proof.text, proof.alg, proof.key)))
    throw new Problem('invalid_dpop_proof');
  const name = digestOf(`${facts.jkt}:${id}`);
  if (!(await proofs.useOnce(name, { now, until: at(now + PROOF_MS) })))
    throw new Problem('invalid_dpop_proof');
}

/** By the issuer's word for the client alone, never by what the token says of a tenant. */
async function holderOf(house: TokenHouse, { pinned }: Trust, facts: TokenFacts): Promise<ClientHolder> {
  const id = clientNamed(pinned, facts.client);
  const holder = id === undefined ? undefined : await house.directory.findClient(id);
  if (holder === undefined) throw new Problem('invalid_token');
  if (pinned !== undefined && holder.tenant.id !== pinned.tenantId) throw new Problem('invalid_token');
  return holder;
}

function clientNamed(pinned: Trust['pinned'], name: string): ClientId | undefined {
  return pinned === undefined ? readId('client', name) : pinned.clients.get(name);
}
