import type { ModelVersion } from '../core/models/catalogue.ts';
import type { ModelRegistry } from '../core/models/model-registry.ts';
import type { Client, LimitSettings, Operator, Tenant } from '../core/tenants/tenant.ts';
import type { TenantRegistry } from '../core/tenants/tenant-registry.ts';
import { type ClientId, newId, type TenantSlug } from '../domain/ids.ts';
import type { Purpose, Stage, Tier } from '../domain/vocabulary.ts';
import { CAPABILITIES, OPERATOR_ROLES, type OperatorRole } from '../domain/vocabulary.ts';
import { newKey } from './keys.ts';
import type { Office } from './office.ts';

/** The credentials of the demo world, shown once; all people and organisations in it are invented. */
export interface DemoCredentials<KeyPair> {
  readonly tenants: Readonly<Record<string, DemoTenantCredentials & KeyPair>>;
  readonly operators: Readonly<Record<OperatorRole, { readonly apiKey: string }>>;
}

interface DemoTenantCredentials {
  readonly apiKey: string;
  readonly clientId: ClientId;
  /** Of the tenant's own administrator, where it has one. */
  readonly adminApiKey?: string;
}

interface DemoTenant {
  readonly slug: string;
  readonly name: string;
  readonly tier: Tier;
  readonly defaultPurpose: Purpose;
  readonly pinnedVersion: string | null;
}

/** Which tenant of the demo administers itself. */
const SELF_SERVING = 'northwind';

const TENANTS: readonly DemoTenant[] = [
  {
    slug: 'mayo',
    name: 'Owner hospital (demo)',
    tier: 'owner',
    defaultPurpose: 'TREAT',
    pinnedVersion: null,
  },
  {
    slug: 'northwind',
    name: 'Northwind Care (demo)',
    tier: 'covered-entity',
    defaultPurpose: 'HOPERAT',
    pinnedVersion: 'mayo-cr-1',
  },
  {
    slug: 'lakeside',
    name: 'Lakeside Research (demo)',
    tier: 'research',
    defaultPurpose: 'HRESCH',
    pinnedVersion: null,
  },
  {
    slug: 'summit',
    name: 'Summit Payer (demo)',
    tier: 'payer',
    defaultPurpose: 'HPAYMT',
    pinnedVersion: null,
  },
];

const VERSIONS: readonly (readonly [id: string, stage: Stage, created: string])[] = [
  ['mayo-cr-0', 'retired', '2025-03-01T00:00:00Z'],
  ['mayo-cr-1', 'ga', '2025-11-01T00:00:00Z'],
  ['mayo-cr-2', 'pilot', '2026-06-01T00:00:00Z'],
  ['mayo-cr-3', 'internal', '2026-10-01T00:00:00Z'],
];

const LIMITS: LimitSettings = { requestsPerMinute: 600, tokensPerMinute: 2_000_000, concurrent: 64 };
const KEY_DAYS = 365;

/** Makes the demo world through the same desk as a steward would; one transaction, by the caller. */
export async function seedDemoWorld<KeyPair>(
  office: Pick<Office, 'ids' | 'random' | 'keyring' | 'clock'>,
  desk: TenantRegistry & ModelRegistry,
  newKeyPair: () => Promise<{
    readonly privateJwk: KeyPair;
    readonly jwks: Readonly<Record<string, unknown>>;
  }>,
): Promise<DemoCredentials<{ readonly privateJwk: KeyPair }>> {
  for (const version of VERSIONS) await desk.putModelVersion(demoVersion(version));
  const tenants: Record<string, DemoTenantCredentials & { readonly privateJwk: KeyPair }> = {};
  for (const about of TENANTS) {
    const { privateJwk, jwks } = await newKeyPair();
    const client = await insertTenant(office, desk, about, jwks);
    const { key, text } = newKey(office, wish(['model:invoke']));
    await desk.insertKey(key, client.id, 'local');
    const administered =
      about.slug === SELF_SERVING
        ? {
            adminApiKey: await insertPerson(office, desk, {
              role: 'tenant_admin',
              tenantId: client.tenantId,
            }),
          }
        : {};
    tenants[about.slug] = { apiKey: text, clientId: client.id, privateJwk, ...administered };
  }
  const operators: [OperatorRole, { apiKey: string }][] = [];
  for (const role of OPERATOR_ROLES)
    operators.push([role, { apiKey: await insertPerson(office, desk, { role, tenantId: null }) }]);
  return { tenants, operators: Object.fromEntries(operators) as Record<OperatorRole, { apiKey: string }> };
}

const wish = (scopes: readonly string[]) => ({
  environment: 'test' as const,
  cidrs: [],
  expires_in_days: KEY_DAYS,
  scopes,
});

function demoVersion([id, stage, created]: (typeof VERSIONS)[number]): ModelVersion {
  const size = { contextTokens: 128_000, maxOutputTokens: 4_096 };
  return {
    id,
    model: 'mayo-cr',
    stage,
    capabilities: CAPABILITIES,
    deployment: `${id}-deployment`,
    created: Date.parse(created) / 1_000,
    ...size,
  };
}

async function insertTenant(
  office: Pick<Office, 'ids'>,
  desk: TenantRegistry,
  about: DemoTenant,
  jwks: Readonly<Record<string, unknown>>,
): Promise<Client> {
  const tenant: Tenant = {
    ...about,
    id: newId('tenant', office.ids),
    slug: about.slug as TenantSlug, // the demo's own slugs, spelled right above
    status: 'active',
    region: 'US',
    limits: LIMITS,
  };
  const name = `${about.name} platform`;
  const client: Client = {
    id: newId('client', office.ids),
    tenantId: tenant.id,
    name,
    status: 'active',
    limits: LIMITS,
  };
  await desk.insertTenant(tenant);
  await desk.insertClient(client, jwks);
  return client;
}

async function insertPerson(
  office: Pick<Office, 'ids' | 'random' | 'keyring' | 'clock'>,
  desk: TenantRegistry,
  { role, tenantId }: Pick<Operator, 'role' | 'tenantId'>,
): Promise<string> {
  const operator: Operator = {
    id: newId('operator', office.ids),
    name: `Demo ${role}`,
    role,
    status: 'active',
    tenantId,
  };
  await desk.insertOperator(operator);
  const { key, text } = newKey(office, wish(['operator']));
  await desk.insertKey(key, operator.id, 'local');
  return text;
}
