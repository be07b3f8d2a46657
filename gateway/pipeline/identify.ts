import { readApiKey } from '../core/tenants/api-key.ts';
import { theCredential } from '../core/tenants/credentials.ts';
import { objectionToKey } from '../core/tenants/judge-key.ts';
import { type RequestContext, readContext } from '../core/tenants/request-context.ts';
import type { Client, KnownKey, Tenant } from '../core/tenants/tenant.ts';
import { mint, type Pass } from '../domain/pass.ts';
import { Problem } from '../domain/problem.ts';
import type { CredentialTier, KeyScope } from '../domain/vocabulary.ts';
import type { Entry } from './entry.ts';
import type { House } from './house.ts';
import type { AnyRequest } from './model-request.ts';

export type Caller = Pass<
  'identified',
  {
    readonly tenant: Tenant;
    readonly client: Client;
    readonly known: KnownKey;
    readonly context: RequestContext;
    readonly credentialTier: CredentialTier;
  }
>;

/** Who is calling. Throws the 401 and 403 problems of credentials, and the 400 problems of the context headers. */
export async function identify(house: House, entry: Entry, request: AnyRequest): Promise<Caller> {
  const { known, tenant, client } = await knock(house, entry, request);
  const context = readContext(request.context, tenant.defaultPurpose);
  entry.note(contextFacts(house, tenant, context));
  return mint({ tenant, client, known, context, credentialTier: 3 });
}

/** What stands at the door of any plane. */
export type Doorstep = Pick<AnyRequest, 'credentials' | 'address'>;

/** The tenant's client whose key this is. Throws the 401 and 403 problems of credentials. */
export async function knock(
  house: Gatehouse,
  entry: Entry,
  door: Doorstep,
  scope: KeyScope = 'model:invoke',
) {
  const known = await goodKey(house, entry, door);
  const { holder } = known;
  if (holder.kind !== 'client' || !carries(known, scope)) throw new Problem('insufficient_scope');
  return { known, tenant: holder.tenant, client: holder.client };
}

/** Who may ask a model may also know which there are. */
const carries = ({ key }: KnownKey, scope: KeyScope) =>
  key.scopes.includes('model:invoke') || key.scopes.includes(scope);

export type Gatehouse = Pick<House, 'clock' | 'directory' | 'keyring' | 'noteUse' | 'refusals'>;

/** The key at the door, which may be used now and from there; noted in the entry as soon as it is known. */
export async function goodKey(house: Gatehouse, entry: Entry, door: Doorstep): Promise<KnownKey> {
  const known = await knownKey(house, theCredential(door.credentials));
  if (known === undefined) throw wrongKey(house, door);
  entry.note({ ...holderFacts(known), credentialId: known.key.id, authMethod: 'api_key' });
  const objection = objectionToKey(known, { now: house.clock.now(), address: door.address });
  if (objection !== undefined) throw new Problem(objection);
  entry.admitKey();
  house.noteUse(known.key.id, door.address);
  return known;
}

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

function holderFacts({ holder }: KnownKey) {
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
