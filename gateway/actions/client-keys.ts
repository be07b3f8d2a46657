import { clientCard, putClientJwks } from '../contract/client-jwks.ts';
import { isSoundKey } from '../core/tenants/jwks.ts';
import { Problem } from '../domain/problem.ts';
import { change } from './action.ts';
import { theClient } from './clients.ts';
import { theTenant } from './tenants.ts';
import { viewClientCard } from './views.ts';

export const replaceClientJwks = change({
  method: 'put',
  path: '/admin/v1/tenants/:tenant/clients/:client/jwks',
  summary: "Replace a client's public keys; every replica knows the new set within a second",
  permission: 'client:write',
  reach: 'named tenant',
  event: 'admin.client.jwks.put',
  action: 'U',
  status: 200,
  input: putClientJwks,
  output: clientCard,
  run: async ({ tenant: slug, client: id, keys }, desk) => {
    const tenant = await theTenant(desk, slug);
    const client = await theClient(desk, tenant.id, id);
    const unsound = keys.findIndex((key) => !isSoundKey(key));
    if (unsound >= 0) throw new Problem('invalid_parameter', { param: `keys.${unsound}` });
    const jwks = { keys };
    await desk.setClientJwks(client.id, jwks);
    const note = { tenant: tenant.id, client: client.id, kids: keys.map(({ kid }) => kid) };
    return { answer: viewClientCard({ ...client, jwks }), note };
  },
});
