import { issuedKey, issueKey, keyList, namedTenant } from '../contract/admin.ts';
import { mintApiKey } from '../core/tenants/api-key.ts';
import type { ApiKey, KeyEnvironment } from '../core/tenants/tenant.ts';
import { at } from '../domain/clock.ts';
import { Problem } from '../domain/problem.ts';
import { change, look } from './action.ts';
import { theClient } from './clients.ts';
import type { Actor, Office } from './office.ts';
import { theTenant } from './tenants.ts';
import { viewKey, viewKeyCard } from './views.ts';

const OF_TENANT = '/admin/v1/tenants/:tenant/keys';
const DAY_MS = 86_400_000;

export const listTenantKeys = look({
  method: 'get',
  path: OF_TENANT,
  summary: "List a tenant's API keys, without their secrets",
  permission: 'key:read',
  reach: 'named tenant',
  event: 'admin.key.list',
  action: 'R',
  input: namedTenant,
  output: keyList,
  run: async ({ tenant: slug }, office) => {
    const tenant = await theTenant(office.registry, slug);
    const keys = await office.registry.listKeys(tenant.id);
    const now = office.clock.now();
    return {
      answer: { data: keys.map((key) => viewKeyCard(key, now)) },
      note: { tenant: tenant.id, rows: keys.length },
    };
  },
});

export const issueClientKey = change({
  method: 'post',
  path: OF_TENANT,
  summary: 'Issue an API key to a client; the answer shows its secret once',
  permission: 'key:write',
  reach: 'named tenant',
  event: 'admin.key.issue',
  action: 'C',
  status: 201,
  input: issueKey,
  output: issuedKey,
  run: async (input, desk, { office, actor }) => {
    const tenant = await theTenant(desk, input.tenant);
    const client = await theClient(desk, tenant.id, input.client);
    requireLive(office, actor, input.environment);
    const { key, text } = newKey(office, input);
    await desk.insertKey(key, client.id, actor.id);
    const { environment, scopes } = key;
    const note = { tenant: tenant.id, client: client.id, key: key.id, environment, scopes };
    return { answer: { key: viewKey(key), secret: text }, note };
  },
});

/** Throws `insufficient_scope` for keys of the environment `live`, unless these may be managed too. */
export function requireLive(office: Office, { role }: Actor, environment: KeyEnvironment): void {
  if (environment === 'live' && !office.permits(role, 'key:live'))
    throw new Problem('insufficient_scope', { reasons: ['key:live'] });
}

interface KeyWish {
  readonly environment: KeyEnvironment;
  readonly cidrs: readonly string[];
  readonly expires_in_days: number;
  readonly scopes: readonly string[];
}

/** A fresh key, and its text to be shown once. */
export function newKey(
  office: Pick<Office, 'random' | 'keyring' | 'clock'>,
  wish: KeyWish,
): { readonly key: ApiKey; readonly text: string } {
  const minted = mintApiKey(wish.environment, office.random(128));
  const key: ApiKey = {
    id: minted.id,
    environment: minted.environment,
    secretHmac: office.keyring.secretHmac(minted.secret),
    scopes: wish.scopes,
    cidrs: wish.cidrs,
    expiresAt: at(office.clock.now() + wish.expires_in_days * DAY_MS),
    revokedAt: null,
  };
  return { key, text: minted.text };
}
