import { keyView, namedKey, rotatedKey, rotateKey } from '../contract/admin.ts';
import type { KeyCard, TenantReader } from '../core/tenants/tenant-registry.ts';
import { at } from '../domain/clock.ts';
import { type KeyId, readId } from '../domain/ids.ts';
import { Problem } from '../domain/problem.ts';
import { change, type Scene } from './action.ts';
import { newKey, requireLive } from './keys.ts';
import { viewKey } from './views.ts';

const ONE = '/admin/v1/keys/:key';
const DAY_MS = 86_400_000;

export const rotateOneKey = change({
  method: 'post',
  path: `${ONE}/rotate`,
  summary: 'Put a second key beside one of a tenant; the old one works on until the overlap is over',
  permission: 'key:write',
  reach: 'own',
  event: 'admin.key.rotate',
  action: 'C',
  status: 201,
  input: rotateKey,
  output: rotatedKey,
  run: async ({ key: id, overlap_days, expires_in_days }, desk, { office, actor }) => {
    const now = office.clock.now();
    const old = await theKey(desk, id, { office, actor });
    if (old.tenantId === null || old.revokedAt !== null || old.expiresAt <= now)
      throw new Problem('not_found');
    const { key: fresh, text } = newKey(office, { ...old, expires_in_days });
    const oldExpiresAt = at(now + overlap_days * DAY_MS);
    const replaced = await desk.rotateKey({ old, oldExpiresAt, fresh, createdBy: actor.id });
    const note = { tenant: old.tenantId, key: fresh.id, rotatedFrom: old.id, overlapDays: overlap_days };
    return { answer: { key: viewKey(fresh), secret: text, replaced: viewKey(replaced) }, note };
  },
});

export const revokeOneKey = change({
  method: 'post',
  path: `${ONE}/revoke`,
  summary: 'Revoke an API key: it stops working within a second, answers under way included',
  permission: 'key:write',
  reach: 'own',
  event: 'admin.key.revoke',
  action: 'D',
  status: 200,
  input: namedKey,
  output: keyView,
  run: async ({ key: id }, desk, { office, actor }) => {
    const { id: found } = await theKey(desk, id, { office, actor });
    const key = await desk.revokeKey(found, office.clock.now());
    return { answer: viewKey(key), note: { key: key.id } };
  },
});

/** Throws `not_found` when it is not the actor's to see, `insufficient_scope` when it is, but not to manage. */
async function theKey(
  registry: TenantReader,
  id: string,
  { office, actor }: Pick<Scene, 'office' | 'actor'>,
): Promise<KeyCard> {
  const key = await registry.findKey(id as KeyId); // the input's schema has checked its form
  const isTheirs = actor.tenant === null || key?.tenantId === actor.tenant.id;
  if (key === undefined || !isTheirs) throw new Problem('not_found');
  const isPersons = readId('operator', key.holder) !== undefined;
  // Whoever holds the key of a person acts as that person.
  if (isPersons && !office.permits(actor.role, 'person:write'))
    throw new Problem('insufficient_scope', { reasons: ['person:write'] });
  requireLive(office, actor, key.environment);
  return key;
}
