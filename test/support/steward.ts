import assert from 'node:assert/strict';
import request from 'supertest';
import type { World } from '../world.ts';

type Role = keyof World['demo']['operators'];
type Fields = Readonly<Record<string, unknown>>;

export interface ActReply {
  readonly status: number;
  readonly type: string;
  readonly id: string;
  readonly text: string;
  readonly body: ActBody;
}

/** Whatever an act may answer, a problem included; a test asserts on the part that its act has. */
export interface ActBody {
  readonly id: string;
  readonly code: string;
  readonly reasons: readonly string[];
  readonly status: string | number;
  readonly region: string;
  readonly data: readonly Readonly<Record<string, unknown> & { id: string }>[];
  readonly next_cursor: string | null;
  readonly key: { readonly id: string };
  readonly secret: string;
  readonly revoked_at: string | null;
  readonly policy_set: string;
  readonly rules: readonly { readonly id: string }[];
  readonly allowed: boolean;
  readonly replaced: { readonly expires_at: string };
  readonly person: { readonly id: string };
  readonly detail: Readonly<Record<string, unknown>>;
  readonly model_version: string | null;
  readonly reason_code: string | null;
  readonly decision: string | null;
}

const VERBS: Readonly<Record<string, 'get' | 'post' | 'put'>> = { GET: 'get', POST: 'post', PUT: 'put' };

/** Does one act over HTTP with an operator's demo key, or with any other key. */
export async function act(
  world: World,
  as: Role | { readonly key: string },
  route: string,
  body?: Fields,
): Promise<ActReply> {
  const [method = 'GET', path = ''] = route.split(' ');
  const key = typeof as === 'string' ? world.demo.operators[as].apiKey : as.key;
  const asked = request(world.url)[VERBS[method] ?? 'get'](path);
  const { status, headers, text } = await asked.set('authorization', `Bearer ${key}`).send(body);
  return {
    status,
    type: headers['content-type'] ?? '',
    id: headers['x-request-id'] ?? '',
    text,
    body: JSON.parse(text) as ActBody,
  };
}

export interface Partner {
  readonly tenant: string;
  readonly tenantId: string;
  readonly client: string;
  readonly keyId: string;
  readonly key: string;
}

interface PartnerWish {
  readonly tier?: string;
  readonly region?: string;
  readonly purpose?: string | null;
  readonly pinned?: string | null;
  readonly limits?: Fields;
  readonly cidrs?: readonly string[];
}

type TenantRole = 'tenant_admin' | 'tenant_developer' | 'tenant_viewer';

let people = 0;

/** Gives an invented person a role in a tenant, as the owner would. */
export async function newPerson(
  world: World,
  tenant: string,
  role: TenantRole,
): Promise<{ readonly id: string; readonly key: string; readonly keyId: string }> {
  people += 1;
  const made = await act(world, 'owner', `POST /admin/v1/tenants/${tenant}/people`, {
    name: `Wren Ashdown ${people} (invented)`,
    role,
  });
  assert.equal(made.status, 201, made.text);
  return { id: made.body.person.id, key: made.body.secret, keyId: made.body.key.id };
}

let made = 0;

/** Makes a tenant with one client and one key, as the owner would. */
export async function newPartner(world: World, wish: PartnerWish = {}): Promise<Partner> {
  made += 1;
  const slug = `harbor-clinic-${made}`;
  const {
    tier = 'covered-entity',
    region = 'US',
    purpose = 'HOPERAT',
    pinned = null,
    limits,
    cidrs = [],
  } = wish;
  const bounds = limits === undefined ? {} : { limits };
  const tenant = await act(world, 'owner', 'POST /admin/v1/tenants', {
    slug,
    name: 'Harbor Clinic (invented)',
    tier,
    region,
    default_purpose: purpose,
    pinned_version: pinned,
    ...bounds,
  });
  assert.equal(tenant.status, 201, tenant.text);
  const client = await act(world, 'owner', `POST /admin/v1/tenants/${slug}/clients`, {
    name: 'ward app',
    ...bounds,
  });
  assert.equal(client.status, 201, client.text);
  const issued = await act(world, 'owner', `POST /admin/v1/tenants/${slug}/keys`, {
    client: client.body.id,
    environment: 'test',
    cidrs,
  });
  assert.equal(issued.status, 201, issued.text);
  return {
    tenant: slug,
    tenantId: tenant.body.id,
    client: client.body.id,
    keyId: issued.body.key.id,
    key: issued.body.secret,
  };
}
