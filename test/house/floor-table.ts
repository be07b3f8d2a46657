/** `roof` is everything at the top of `gateway/` and the command line: it may see the whole house. */
export type Floor =
  | 'domain'
  | 'contract'
  | 'core'
  | 'pipeline'
  | 'actions'
  | 'adapters'
  | 'http'
  | 'console'
  | 'roof';

type Reach = 'all' | 'types';

/** What each floor may import of the others; what is absent is forbidden, also as a type. */
export const FLOORS: Readonly<Record<Floor, Readonly<Partial<Record<Floor, Reach>>>>> = {
  domain: { domain: 'all' },
  contract: { domain: 'all', contract: 'all' },
  core: { domain: 'all', core: 'all' },
  pipeline: { domain: 'all', contract: 'all', core: 'all', pipeline: 'all' },
  actions: { domain: 'all', contract: 'all', core: 'all', actions: 'all' },
  adapters: { domain: 'all', core: 'all', pipeline: 'types', adapters: 'all' },
  http: { domain: 'all', contract: 'all', core: 'types', pipeline: 'all', actions: 'all', http: 'all' },
  console: { domain: 'types', contract: 'types', console: 'all' },
  roof: {
    domain: 'all',
    contract: 'all',
    core: 'all',
    pipeline: 'all',
    actions: 'all',
    adapters: 'all',
    http: 'all',
    console: 'all',
    roof: 'all',
  },
};

/** Floors whose rooms never visit each other. */
export const FLOORS_OF_SEPARATE_ROOMS: readonly Floor[] = ['core', 'adapters'];

/** Floors that neither read a clock nor draw lots: time and ids come in as arguments. */
export const TIMELESS_FLOORS: readonly Floor[] = ['domain', 'core', 'pipeline', 'actions'];

/** The only places that read the environment. */
export const ENVIRONMENT_READERS: readonly string[] = ['config.ts', 'telemetry.ts'];

/** Node's own modules that these floors may import: pure ones only, and none below core. */
export const NODE_MODULES_ALLOWED: Readonly<Partial<Record<Floor, readonly string[]>>> = {
  domain: [],
  contract: [],
  core: ['node:assert', 'node:buffer', 'node:crypto', 'node:url', 'node:util'],
  console: [],
};

/** Which package may be named where, by path under `gateway/`; a scope stands for all its packages. */
export const VENDORS: Readonly<Record<string, readonly string[]>> = {
  '@azure/identity': ['adapters/upstream/'],
  '@electric-sql/pglite': ['adapters/postgres/'],
  '@opentelemetry': ['adapters/telemetry/', 'telemetry.ts'],
  '@redis/client': ['adapters/limiter/'],
  casbin: ['adapters/casbin/'],
  cockatiel: ['adapters/upstream/', 'adapters/limiter/'],
  commander: ['cli/'],
  'drizzle-orm': ['adapters/postgres/'],
  'eventsource-parser': ['adapters/upstream/'],
  express: ['http/'],
  helmet: ['http/'],
  'import-in-the-middle': ['telemetry.ts'],
  jose: ['adapters/identity/', 'adapters/keys/'],
  'oidc-provider': ['adapters/identity/'],
  pg: ['adapters/postgres/'],
  pino: ['adapters/telemetry/', 'telemetry.ts'],
  'rate-limiter-flexible': ['adapters/limiter/'],
  'swagger-ui-dist': ['http/'],
  undici: ['adapters/upstream/', 'adapters/identity/'],
  zod: ['contract/', 'config.ts', 'adapters/', 'cli/'],
  'zod-openapi': ['contract/'],
};
