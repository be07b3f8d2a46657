import { readApiKey } from '../core/tenants/api-key.ts';
import { type SentToken, theCredential } from '../core/tenants/credentials.ts';
import { objectionToHolder, objectionToKey } from '../core/tenants/judge-key.ts';
import { type RequestContext, readContext } from '../core/tenants/request-context.ts';
import type { Client, KnownCredential, KnownKey, KnownToken, Tenant } from '../core/tenants/tenant.ts';
import { mint, type Pass } from '../domain/pass.ts';
import { Problem } from '../domain/problem.ts';
import type { CredentialTier, KeyScope } from '../domain/vocabulary.ts';
import type { Entry } from './entry.ts';
import type { House } from './house.ts';
import { knownToken } from './known-token.ts';
import type { AnyRequest } from './model-request.ts';

export type Caller = Pass<
  'identified',
  {
    readonly tenant: Tenant;
    readonly client: Client;
    readonly known: KnownCredential;
    readonly context: RequestContext;
    readonly credentialTier: CredentialTier;
  }
>;

/** Who is calling. Throws the 401 and 403 problems of credentials, and the 400 problems of the context headers. */
export async function identify(house: House, entry: Entry, request: AnyRequest): Promise<Caller> {
  const { known, tenant, client } = await knock(house, entry, request);
  const context = readContext(request.context, tenant.defaultPurpose);
  entry.note(contextFacts(house, tenant, context));
  return mint({ tenant, client, known, context, credentialTier: 'key' in known ? 3 : 1 });
}

/** What stands at the door of any plane. */
export type Doorstep = Pick<AnyRequest, 'credentials' | 'address' | 'method' | 'path'>;

/** The tenant's client whose credential this is. Throws the 401 and 403 problems of credentials. */
export async function knock(
  house: Gatehouse,
  entry: Entry,
  door: Doorstep,
  scope: KeyScope = 'model:invoke',
) {
  const known = await goodCredential(house, entry, door);
  const { holder } = known;
  if (holder.kind !== 'client' || !carries(known, scope)) throw new Problem('insufficient_scope');
  return { known, tenant: holder.tenant, client: holder.client };
}

/** Who may ask a model may also know which there are. */
function carries(known: KnownCredential, scope: KeyScope): boolean {
  const { scopes } = 'key' in known ? known.key : known;
  return scopes.includes('model:invoke') || scopes.includes(scope);
}

export type Gatehouse = Pick<House, 'clock' | 'directory' | 'keyring' | 'noteUse' | 'refusals' | 'tokens'>;

/** The credential at the door, which may be used now and from there; noted in the entry as soon as it is known. */
export async function goodCredential(
  house: Gatehouse,
  entry: Entry,
  door: Doorstep,
): Promise<KnownCredential> {
  const sent = theCredential(door.credentials);
  return sent.kind === 'key'
    ? goodKey(house, entry, { door, text: sent.text })
    : goodToken(house, entry, { door, sent });
}

interface Keyed {
  readonly door: Doorstep;
  readonly text: string;
}

async function goodKey(house: Gatehouse, entry: Entry, { door, text }: Keyed): Promise<KnownKey> {
  const known = await knownKey(house, text);
  if (known === undefined) throw wrongKey(house, door);
  entry.note({ ...holderFacts(known), credentialId: known.key.id, authMethod: 'api_key' });
  const objection = objectionToKey(known, { now: house.clock.now(), address: door.address });
  if (objection !== undefined) throw new Problem(objection);
  entry.admit(known.key.id);
  house.noteUse(known.key.id, door.address);
  return known;
}

interface Tokened {
  readonly door: Doorstep;
  readonly sent: SentToken;
}

/** A flood of refusals is told by its client: whoever may get tokens has as many of them as it likes. */
async function goodToken(house: Gatehouse, entry: Entry, { door, sent }: Tokened): Promise<KnownToken> {
  entry.note({ authMethod: sent.method });
  const known = await knownToken(house, door, sent);
  entry.note({ ...holderFacts(known), credentialId: known.tokenId });
  const { holder, tenant } = known;
  const objection = objectionToHolder(holder, 'invalid_token');
  if (objection !== undefined) throw new Problem(objection);
  entry.admit(holder.client.id);
  if (tenant === null || tenant === holder.tenant.id || tenant === holder.tenant.slug) return known;
  entry.note({ reasonCode: MISMATCH });
  throw new Problem('insufficient_scope', { reasons: [MISMATCH] });
}

/** A token that claims to be another tenant's: it would have gained nothing, but somebody tries. */
const MISMATCH = 'tenant_claim_mismatch';

const NOBODY = new Uint8Array(32);

/** The key that this credential is; malformed ones cost no look-up, unknown ones the same work as known ones. */
async function knownKey(house: Gatehouse, credential: string): Promise<KnownKey | undefined> {
  const parsed = readApiKey(credential);
  if (parsed === undefined) return undefined;
  const known = await house.directory.findKey(parsed.id);
  const matches = house.keyring.isSecret(parsed.secret, known?.key.secretHmac ?? NOBODY);
  return matches && known?.key.environment === parsed.environment ? known : undefined;
}

/** An address that guesses too often is told to wait; a good key from there is let in all the same. */
function wrongKey({ refusals }: Gatehouse, { address }: Doorstep): Problem {
  const waitMs = refusals.waitMs(address);
  if (waitMs === undefined) return new Problem('invalid_api_key');
  return new Problem('rate_limit_exceeded', { retryAfterMs: Math.min(waitMs, WAIT_MS_MAX) });
}

/** A longer wait than this is not honoured by the common clients. */
const WAIT_MS_MAX = 30_000;

function holderFacts({ holder }: KnownCredential) {
  return holder.kind === 'client'
    ? { tenantId: holder.tenant.id, clientId: holder.client.id, region: holder.tenant.region }
    : {
        operatorId: holder.operator.id,
        operatorRole: holder.operator.role,
        ...(holder.tenant === null ? {} : { tenantId: holder.tenant.id }),
      };
}

function contextFacts(house: House, tenant: Tenant, context: RequestContext) {
  const { user, patientRef } = context;
  return {
    purpose: context.purpose,
    purposeSource: context.purposeSource,
    dataClass: context.dataClass,
    assurance: context.assurance,
    labels: context.labels,
    consents: context.consents,
    userRef: user ?? 'system',
    ...(patientRef === null ? {} : { patientRef: house.keyring.patientRef(tenant.id, patientRef) }),
  };
}
