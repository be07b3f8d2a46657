import { issuedKey, issueKey, keyList, keyView, namedKey, namedTenant } from '../contract/admin.ts';
import { mintApiKey } from '../core/tenants/api-key.ts';
import type { ApiKey, KeyEnvironment } from '../core/tenants/tenant.ts';
import { at } from '../domain/clock.ts';
import type { KeyId } from '../domain/ids.ts';
import { Problem } from '../domain/problem.ts';
import { change, look } from './action.ts';
import type { Office } from './office.ts';
import { theTenant } from './tenants.ts';
import { viewKey, viewKeyCard } from './views.ts';

const OF_TENANT = '/admin/v1/tenants/:tenant/keys';
const DAY_MS = 86_400_000;

export const listTenantKeys = look({
  method: 'get',
  path: OF_TENANT,
  summary: "List a tenant's API keys, without their secrets",
  permission: 'key:read',
  event: 'admin.key.list',
  action: 'R',
  input: namedTenant,
  output: keyList,
  run: async ({ tenant: slug }, office) => {
    const tenant = await theTenant(office.registry, slug);
    const keys = await office.registry.listKeys(tenant.id);
    return { answer: { data: keys.map(viewKeyCard) }, note: { tenant: tenant.id, rows: keys.length } };
  },
});

export const issueClientKey = change({
  method: 'post',
  path: OF_TENANT,
  summary: 'Issue an API key to a client; the answer shows its secret once',
  permission: 'key:write',
  event: 'admin.key.issue',
  action: 'C',
  status: 201,
  input: issueKey,
  output: issuedKey,
  run: async (input, desk, { office, actor }) => {
    const tenant = await theTenant(desk, input.tenant);
    const clients = await desk.listClients(tenant.id);
    const client = clients.find(({ id }) => id === input.client);
    if (client === undefined) throw new Problem('not_found', { param: 'client' });
    const { key, text } = newKey(office, { ...input, scopes: ['model:invoke'] });
    await desk.insertKey(key, client.id, actor.id);
    const note = { tenant: tenant.id, client: client.id, key: key.id, environment: key.environment };
    return { answer: { key: viewKey(key), secret: text }, note };
  },
});

export const revokeClientKey = change({
  method: 'post',
  path: '/admin/v1/keys/:key/revoke',
  summary: 'Revoke an API key: it stops working within a second, answers under way included',
  permission: 'key:write',
  event: 'admin.key.revoke',
  action: 'D',
  status: 200,
  input: namedKey,
  output: keyView,
  run: async ({ key: id }, desk, { office }) => {
    const key = await desk.revokeKey(id as KeyId, office.clock.now()); // the input's schema has checked its form
    return { answer: viewKey(key), note: { key: key.id } };
  },
});

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
