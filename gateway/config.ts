import { readFileSync } from 'node:fs';
import { z } from 'zod';

interface Setting {
  readonly name: string;
  readonly schema: z.ZodType;
  /** What applies when the name is unset, in words; undefined when nothing does. */
  readonly fallback?: string;
  readonly about: string;
}

const port = z.coerce.number().int().min(0).max(65_535);
const text = (max: number) => z.string().min(1).max(max);
const url = (...schemes: string[]) =>
  z
    .url({ protocol: new RegExp(`^(${schemes.join('|')})$`) })
    .max(2_048)
    .optional();
/** An origin alone: what follows it would be lost, or stand twice in every link. */
const origin = url('http', 'https')
  .refine(isOrigin, 'must be an origin such as https://gateway.example')
  .transform((value) => value && new URL(value).origin);

function isOrigin(value: string | undefined): boolean {
  return value === undefined || /^https?:\/\/[^/?#@]+\/?$/i.test(value);
}

const modelUrl = url('http', 'https').refine(
  isModelUrl,
  'must end in /openai/v1 or /v1, without user, query or fragment',
);

function isModelUrl(value: string | undefined): boolean {
  const url = URL.parse(value ?? '');
  if (url === null) return true; // unset, or refused as no URL at all
  const { pathname, username, password, search, hash } = url;
  return /\/v1\/*$/.test(pathname) && `${username}${password}${search}${hash}` === '';
}

const addresses = z
  .string()
  .max(2_048)
  .default('')
  .transform((value) =>
    value
      .split(',')
      .map((item) => item.trim())
      .filter(Boolean),
  )
  .pipe(
    z.array(
      z.union([z.ipv4(), z.ipv6(), z.cidrv4(), z.cidrv6()], { error: 'must be addresses or CIDR blocks' }),
    ),
  );

/** Every name the gateway reads from its environment; it also prints `.env.example` and the README's table. */
export const SETTINGS = [
  {
    name: 'STEWARDGATE_MODE',
    schema: z.enum(['demo', 'production']).default('demo'),
    fallback: 'demo',
    about:
      '`demo` seeds the demo world and binds loopback only; `production` refuses to start on any unsafe setting, naming it',
  },
  {
    name: 'HOST',
    schema: text(253).optional(),
    fallback: '127.0.0.1; 0.0.0.0 in production',
    about: 'address to listen on',
  },
  {
    name: 'PORT',
    schema: port.default(8080),
    fallback: '8080',
    about: 'port to listen on; 0 picks a free one and prints it',
  },
  {
    name: 'STEWARDGATE_OPERATIONS_PORT',
    schema: port.optional(),
    about:
      'a second listener for `/metrics`, `/healthz` and `/readyz` only; without it `/metrics` answers loopback alone',
  },
  {
    name: 'STEWARDGATE_PUBLIC_URL',
    schema: origin,
    fallback: 'http://HOST:PORT',
    about: 'origin for links and audiences; never taken from the Host header',
  },
  {
    name: 'STEWARDGATE_DATA_DIR',
    schema: text(1_024).default('.data'),
    fallback: '.data',
    about: 'embedded database, demo.json and local keys (mode 0700)',
  },
  {
    name: 'DATABASE_URL',
    schema: url('postgres', 'postgresql'),
    about: 'PostgreSQL 15 or newer; unset uses the embedded PGlite',
  },
  {
    name: 'REDIS_URL',
    schema: url('redis', 'rediss'),
    about: 'limits shared by replicas; unset counts in process',
  },
  {
    name: 'STEWARDGATE_REPLICAS',
    schema: z.coerce.number().int().min(1).max(1_000).default(1),
    fallback: '1',
    about: 'how many gateways share the database; more than one needs `REDIS_URL`',
  },
  {
    name: 'STEWARDGATE_LIMITS_WHEN_REDIS_DOWN',
    schema: z.enum(['refuse', 'insure']).default('refuse'),
    fallback: 'refuse',
    about: '`refuse` answers 503; `insure` counts in process with each allowance divided by the replicas',
  },
  {
    name: 'STEWARDGATE_TRUSTED_PROXIES',
    schema: addresses,
    about: 'comma list of addresses or CIDR blocks whose `X-Forwarded-For` is believed',
  },
  {
    name: 'STEWARDGATE_LEGACY_MODELS_ROUTE',
    schema: z.enum(['off', 'on']).default('off'),
    fallback: 'off',
    about:
      '`on` also serves `/models/chat/completions` and `/models/embeddings`, which the retired Azure AI Inference SDK calls',
  },
  {
    name: 'STEWARDGATE_REPLAY_RETENTION_SECONDS',
    schema: z.coerce.number().int().min(0).max(86_400).default(600),
    fallback: '600',
    about:
      'how long a finished answer is kept, encrypted, for a retry under the same `Idempotency-Key`; 0 keeps none',
  },
  {
    name: 'STEWARDGATE_SIGNING_KEY_DAYS',
    schema: z.coerce.number().int().min(1).max(365).default(30),
    fallback: '30',
    about: 'how long one key signs access tokens before the next, which is published ahead, takes over',
  },
  {
    name: 'STEWARDGATE_CLIENTS_MAY_USE_RS256',
    schema: z.enum(['off', 'on']).default('off'),
    fallback: 'off',
    about: '`on` also takes client assertions signed with RS256, which UDAP clients use',
  },
  {
    name: 'MODEL_UPSTREAM',
    schema: z.enum(['simulated', 'azure', 'openai']).default('simulated'),
    fallback: 'simulated',
    about: '`simulated`, `azure`, or `openai` (any OpenAI-compatible endpoint)',
  },
  {
    name: 'MODEL_UPSTREAM_URL',
    schema: modelUrl,
    about: 'base URL ending in `/openai/v1` or `/v1`',
  },
  {
    name: 'MODEL_UPSTREAM_API_KEY',
    schema: text(1_024).optional(),
    about: 'key for the model; without one, `azure` signs in with Microsoft Entra',
  },
  {
    name: 'MODEL_UPSTREAM_SCOPE',
    schema: text(512).default('https://ai.azure.com/.default'),
    fallback: 'https://ai.azure.com/.default',
    about: 'scope of the Entra token',
  },
  {
    name: 'MODEL_SIMULATED_FIXTURES',
    schema: text(1_024).optional(),
    about: 'JSON file of canned answers for tests of the simulated model',
  },
  {
    name: 'STEWARDGATE_MASTER_KEY',
    schema: text(64).optional(),
    fallback: 'generated under the data dir in demo',
    about: '32 bytes in base64: every other key is derived from it',
  },
  {
    name: 'STEWARDGATE_MASTER_KEY_FILE',
    schema: text(1_024).optional(),
    about: 'file that holds the master key instead',
  },
  {
    name: 'STEWARDGATE_OPERATOR_KEY',
    schema: text(128).optional(),
    about: 'an operator’s API key for the command line; the gateway itself does not use it',
  },
  {
    name: 'LOG_LEVEL',
    schema: z.enum(['fatal', 'error', 'warn', 'info', 'debug', 'silent']).default('info'),
    fallback: 'info',
    about: 'how much is logged; content never is',
  },
] as const satisfies readonly Setting[];

type Environment = { readonly [name: string]: string | undefined };
type Values = { [S in (typeof SETTINGS)[number] as S['name']]: z.output<S['schema']> };

export interface Config {
  readonly mode: 'demo' | 'production';
  readonly host: string;
  readonly port: number;
  readonly operationsPort: number | undefined;
  readonly publicUrl: string | undefined;
  readonly dataDir: string;
  readonly databaseUrl: string | undefined;
  readonly redisUrl: string | undefined;
  readonly replicas: number;
  readonly limitsWhenRedisDown: 'refuse' | 'insure';
  readonly trustedProxies: readonly string[];
  readonly legacyModelsRoute: boolean;
  readonly replayRetentionMs: number;
  readonly signingKeyRotationMs: number;
  readonly clientsMayUseRs256: boolean;
  readonly upstream: Upstream;
  readonly masterKey: Uint8Array | undefined;
  readonly logLevel: string;
}

export type Upstream =
  | { readonly kind: 'simulated'; readonly fixturesFile: string | undefined }
  | { readonly kind: 'openai'; readonly baseUrl: string; readonly apiKey: string }
  | {
      readonly kind: 'azure';
      readonly baseUrl: string;
      readonly apiKey: string | undefined;
      readonly scope: string;
    };

/** A setting that cannot be used; the message names it and never repeats a secret. */
export class ConfigError extends Error {}

/** The environment as a typed configuration. Throws ConfigError that names every setting at fault. */
export function readConfig(environment: Environment = process.env): Config {
  refuseUnknown(environment);
  const values = parse(environment);
  const masterKey = readMasterKey(values);
  if (values.STEWARDGATE_MODE === 'production') refuseUnsafe(values, masterKey, environment);
  else refuseExposedDemo(values);
  if (areUncounted(values))
    throw new ConfigError('REDIS_URL must be set when STEWARDGATE_REPLICAS is more than 1');
  return {
    mode: values.STEWARDGATE_MODE,
    host: hostOf(values),
    port: values.PORT,
    operationsPort: values.STEWARDGATE_OPERATIONS_PORT,
    publicUrl: values.STEWARDGATE_PUBLIC_URL,
    dataDir: values.STEWARDGATE_DATA_DIR,
    databaseUrl: values.DATABASE_URL,
    redisUrl: values.REDIS_URL,
    replicas: values.STEWARDGATE_REPLICAS,
    limitsWhenRedisDown: values.STEWARDGATE_LIMITS_WHEN_REDIS_DOWN,
    trustedProxies: values.STEWARDGATE_TRUSTED_PROXIES,
    legacyModelsRoute: values.STEWARDGATE_LEGACY_MODELS_ROUTE === 'on',
    replayRetentionMs: values.STEWARDGATE_REPLAY_RETENTION_SECONDS * 1_000,
    signingKeyRotationMs: values.STEWARDGATE_SIGNING_KEY_DAYS * 86_400_000,
    clientsMayUseRs256: values.STEWARDGATE_CLIENTS_MAY_USE_RS256 === 'on',
    upstream: upstreamOf(values),
    masterKey,
    logLevel: values.LOG_LEVEL,
  };
}

/** The key with which the command line signs in to a running gateway. */
export function readOperatorKey(environment: Environment = process.env): string | undefined {
  return environment.STEWARDGATE_OPERATOR_KEY || undefined;
}

/** `.env.example`, one commented line a setting. */
export function printEnvExample(): string {
  const lines = SETTINGS.map((setting) => {
    const fallback = 'fallback' in setting ? ` Default: ${setting.fallback}.` : '';
    return `# ${setting.about}.${fallback}\n#${setting.name}=\n`;
  });
  return `# Every setting is optional in demo mode. Written by: npm run stewardgate -- settings --env\n\n${lines.join('\n')}`;
}

/** The README's table of settings. */
export function printSettingsTable(): string {
  const rows = SETTINGS.map(
    (setting) =>
      `| \`${setting.name}\` | ${'fallback' in setting ? setting.fallback : '–'} | ${setting.about} |`,
  );
  return ['| name | default | meaning |', '|---|---|---|', ...rows].join('\n');
}

function refuseUnknown(environment: Environment): void {
  const known = new Set<string>(SETTINGS.map((setting) => setting.name));
  const unknown = Object.keys(environment).filter(
    (name) => name.startsWith('STEWARDGATE_') && !known.has(name),
  );
  if (unknown.length > 0) throw new ConfigError(`Unknown settings: ${unknown.join(', ')}`);
}

function parse(environment: Environment): Values {
  const faults: string[] = [];
  const values: Record<string, unknown> = {};
  for (const setting of SETTINGS) {
    const given = environment[setting.name];
    const result = setting.schema.safeParse(given === '' ? undefined : given);
    if (result.success) values[setting.name] = result.data;
    else faults.push(`${setting.name}: ${result.error.issues.map((issue) => issue.message).join('; ')}`);
  }
  if (faults.length > 0) throw new ConfigError(`Settings that cannot be used:\n  ${faults.join('\n  ')}`);
  return values as Values; // each value came out of the schema its name stands beside
}

function readMasterKey(values: Values): Uint8Array | undefined {
  const encoded = values.STEWARDGATE_MASTER_KEY ?? readKeyFile(values.STEWARDGATE_MASTER_KEY_FILE);
  if (encoded === undefined) return undefined;
  const key = Buffer.from(encoded.trim(), 'base64');
  if (key.length !== 32) throw new ConfigError('STEWARDGATE_MASTER_KEY must be 32 bytes in base64');
  return key;
}

function readKeyFile(path: string | undefined): string | undefined {
  if (path === undefined) return undefined;
  try {
    return readFileSync(path, 'utf8');
  } catch {
    throw new ConfigError('STEWARDGATE_MASTER_KEY_FILE cannot be read');
  }
}

const isLoopback = (host: string) =>
  host === 'localhost' || host === '::1' || /^127\.\d+\.\d+\.\d+$/.test(host);

function hostOf(values: Values): string {
  return values.HOST ?? (values.STEWARDGATE_MODE === 'production' ? '0.0.0.0' : '127.0.0.1');
}

function refuseExposedDemo(values: Values): void {
  if (!isLoopback(hostOf(values))) {
    throw new ConfigError(
      'HOST must be a loopback address in demo mode; set STEWARDGATE_MODE=production to serve others',
    );
  }
}

function refuseUnsafe(values: Values, masterKey: Uint8Array | undefined, environment: Environment): void {
  const rules: readonly (readonly [boolean, string])[] = [
    [values.DATABASE_URL === undefined, 'DATABASE_URL is unset: the embedded database is evaluation storage'],
    [masterKey === undefined, 'STEWARDGATE_MASTER_KEY is unset'],
    [values.MODEL_UPSTREAM === 'simulated', 'MODEL_UPSTREAM is simulated'],
    [values.MODEL_SIMULATED_FIXTURES !== undefined, 'MODEL_SIMULATED_FIXTURES is set'],
    [!isHttps(values.MODEL_UPSTREAM_URL), 'MODEL_UPSTREAM_URL is not https'],
    [!isHttps(values.STEWARDGATE_PUBLIC_URL), 'STEWARDGATE_PUBLIC_URL is not https'],
    [areUncounted(values), 'REDIS_URL is unset with more than one replica'],
    [values.LOG_LEVEL === 'debug', 'LOG_LEVEL is debug'],
    [masterKey?.every((octet) => octet === 0) === true, 'STEWARDGATE_MASTER_KEY is all zeros'],
    [
      values.STEWARDGATE_TRUSTED_PROXIES.some((block) => block.endsWith('/0')),
      'STEWARDGATE_TRUSTED_PROXIES believes everyone',
    ],
    [environment.NODE_TLS_REJECT_UNAUTHORIZED === '0', 'NODE_TLS_REJECT_UNAUTHORIZED is 0'],
  ];
  const unsafe = rules.filter(([applies]) => applies).map(([, reason]) => reason);
  if (unsafe.length > 0) throw new ConfigError(`Production refuses to start:\n  ${unsafe.join('\n  ')}`);
}

/** Replicas that count apart would each grant the whole allowance. */
const areUncounted = (values: Values) => values.STEWARDGATE_REPLICAS > 1 && values.REDIS_URL === undefined;

const isHttps = (value: string | undefined) => value?.startsWith('https://') === true;

function upstreamOf(values: Values): Upstream {
  const { MODEL_UPSTREAM: kind, MODEL_UPSTREAM_URL: baseUrl, MODEL_UPSTREAM_API_KEY: apiKey } = values;
  if (kind === 'simulated') return { kind, fixturesFile: values.MODEL_SIMULATED_FIXTURES };
  if (baseUrl === undefined)
    throw new ConfigError(`MODEL_UPSTREAM_URL must be set when MODEL_UPSTREAM is ${kind}`);
  if (kind === 'azure') return { kind, baseUrl, apiKey, scope: values.MODEL_UPSTREAM_SCOPE };
  if (apiKey === undefined)
    throw new ConfigError('MODEL_UPSTREAM_API_KEY must be set when MODEL_UPSTREAM is openai');
  return { kind, baseUrl, apiKey };
}
