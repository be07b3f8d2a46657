import { z } from 'zod';
import { isPreamble, PREAMBLE_BYTES_MAX } from '../domain/preamble.ts';
import {
  CAPABILITIES,
  DATA_CLASSES,
  ISSUER_KINDS,
  KEY_SCOPES,
  MODEL_ACTIONS,
  PURPOSES,
  REGIONS,
  STAGES,
  TIERS,
  TOKEN_ALGS,
} from '../domain/vocabulary.ts';

const slug = z.string().regex(/^[a-z][a-z0-9-]{1,38}[a-z0-9]$/);
/** Shown in consoles and terminals, so it holds nothing that they would obey. */
export const shownName = z
  .string()
  .trim()
  .min(1)
  .max(200)
  .regex(/^[^\u0000-\u001f\u007f-\u009f]*$/); // the class Cc, as every reader of the document knows it
/** A model version's id, or a model's bare name. */
export const modelId = z.string().regex(/^[A-Za-z0-9][A-Za-z0-9._-]{0,127}$/);
const keyId = z.string().regex(/^[0-9A-Za-z]{12}$/);
const cidr = z.union([z.cidrv4(), z.cidrv6()]);

const limits = z
  .strictObject({
    requests_per_minute: z.int().min(1).max(1_000_000),
    tokens_per_minute: z.int().min(1).max(1_000_000_000),
    concurrent: z.int().min(1).max(100_000),
  })
  .meta({ id: 'Limits' });

const DEFAULT_LIMITS = {
  requests_per_minute: 600,
  tokens_per_minute: 1_000_000,
  concurrent: 64,
} as const;

export const noInput = z.strictObject({});

export const createTenant = z
  .strictObject({
    slug,
    name: shownName,
    tier: z.enum(TIERS),
    region: z.enum(REGIONS).default('US'),
    default_purpose: z.enum(PURPOSES).nullable().default(null),
    pinned_version: modelId.nullable().default(null),
    limits: limits.default(DEFAULT_LIMITS),
  })
  .meta({ id: 'CreateTenant' });

export const namedTenant = z.strictObject({ tenant: slug });
export const namedClient = namedTenant.extend({ client: z.string().max(40) });

export const createClient = z
  .strictObject({ tenant: slug, name: shownName, limits: limits.default(DEFAULT_LIMITS) })
  .meta({ id: 'CreateClient' });

const lifeDays = z.int().min(1).max(365).default(90);

/** Where a key may be used from, and how long. */
export const keyTerms = { cidrs: z.array(cidr).max(64).default([]), expires_in_days: lifeDays };

export const issueKey = z
  .strictObject({
    tenant: slug,
    client: z.string().max(40),
    environment: z.enum(['live', 'test']).default('live'),
    scopes: z
      .array(z.enum(KEY_SCOPES))
      .min(1)
      .max(KEY_SCOPES.length)
      .refine((scopes) => new Set(scopes).size === scopes.length)
      .default(['model:invoke']),
    ...keyTerms,
  })
  .meta({ id: 'IssueKey' });

export const namedKey = z.strictObject({ key: keyId });

export const rotateKey = namedKey
  .extend({
    overlap_days: z.int().min(0).max(30).default(7).describe('How long the old key works on.'),
    expires_in_days: lifeDays,
  })
  .meta({ id: 'RotateKey' });

/** An `https` URL on the usual port that names a host, not an address, without user, query or fragment. */
const providerUrl = (lengthMax: number) =>
  z
    .string()
    .min(1)
    .max(lengthMax)
    .regex(/^https:\/\/[a-z0-9-]+(\.[a-z0-9-]+)*\.[a-z][a-z0-9-]*(\/[A-Za-z0-9._~/-]*)?$/);

const providerName = z.string().regex(/^[\x21-\x7e]{1,256}$/);

export const pinIssuer = z
  .strictObject({
    tenant: slug,
    issuer: providerUrl(512).describe('What `iss` says, to the letter.'),
    jwks_uri: providerUrl(1_024),
    audience: z
      .string()
      .regex(/^[\x21-\x7e]{1,512}$/)
      .describe('What `aud` must say.'),
    kind: z.enum(ISSUER_KINDS).default('generic'),
    algs: z
      .array(z.enum(TOKEN_ALGS))
      .min(1)
      .max(TOKEN_ALGS.length)
      .optional()
      .describe('Unless given: ES384, ES256, PS256 and RS384; of Entra RS256.'),
    clients: z
      .array(z.strictObject({ subject: providerName, client: z.string().max(40) }))
      .min(1)
      .max(100)
      .describe('Which client each `client_id` or `azp` of the issuer stands for.'),
  })
  .meta({ id: 'PinIssuer' });

export const namedIssuer = z.strictObject({ issuer: z.string().max(40) });

export const checkPolicy = z
  .strictObject({
    tenant: slug,
    model: modelId,
    purpose: z.enum(PURPOSES),
    data_class: z.enum(DATA_CLASSES).default('deidentified'),
    action: z.enum(MODEL_ACTIONS).default('infer'),
    human: z.boolean().default(false),
  })
  .meta({ id: 'CheckPolicy' });

export const namedVersion = z.strictObject({ id: modelId });

export const setPreamble = z
  .strictObject({
    id: modelId,
    preamble: z
      .string()
      .max(PREAMBLE_BYTES_MAX)
      .refine(isPreamble)
      .nullable()
      .describe('Read by the model before everything else, 16 kB at most; null takes it away.'),
  })
  .meta({ id: 'SetPreamble' });

export const status = z.enum(['active', 'suspended']);
const time = z.iso.datetime();

export const tenantView = z
  .object({
    id: z.string(),
    slug,
    name: shownName,
    tier: z.enum(TIERS),
    status,
    region: z.enum(REGIONS),
    default_purpose: z.enum(PURPOSES).nullable(),
    pinned_version: z.string().nullable(),
    limits,
  })
  .meta({ id: 'Tenant' });

export const tenantList = z.object({ data: z.array(tenantView) }).meta({ id: 'TenantList' });

export const clientView = z
  .object({ id: z.string(), tenant_id: z.string(), name: shownName, status, limits })
  .meta({ id: 'Client' });

export const clientList = z.object({ data: z.array(clientView) }).meta({ id: 'ClientList' });

export const keyView = z
  .object({
    id: keyId,
    environment: z.enum(['live', 'test']),
    scopes: z.array(z.string()),
    cidrs: z.array(z.string()),
    expires_at: time,
    revoked_at: time.nullable(),
  })
  .meta({ id: 'ApiKey', description: 'What is kept of a key; its secret is shown once, when it is issued.' });

const keyCard = keyView
  .extend({
    holder: z.string().describe('The client `cli_…` or person `opr_…` whose key it is.'),
    state: z.enum(['active', 'expiring', 'expired', 'revoked']).describe('`expiring`: within 14 days.'),
    last_used_at: time.nullable().describe('To the minute.'),
    last_used_ip: z.string().nullable(),
    created_at: time,
    created_by: z.string(),
    rotated_from: keyId.nullable(),
  })
  .meta({ id: 'ApiKeyCard' });

export const keyList = z.object({ data: z.array(keyCard) }).meta({ id: 'ApiKeyList' });

export const issuedKey = z
  .object({ key: keyView, secret: z.string().describe('The whole key; shown this once.') })
  .meta({ id: 'IssuedApiKey' });

export const rotatedKey = issuedKey
  .extend({ replaced: keyView.describe('The old key, with the time at which it ends.') })
  .meta({ id: 'RotatedApiKey' });

export const issuerView = z
  .object({
    id: z.string(),
    tenant_id: z.string(),
    issuer: z.string(),
    jwks_uri: z.string(),
    audience: z.string(),
    kind: z.enum(ISSUER_KINDS),
    algs: z.array(z.enum(TOKEN_ALGS)),
    status: z.enum(['active', 'removed']),
    clients: z.array(z.object({ subject: z.string(), client: z.string() })),
  })
  .meta({ id: 'PinnedIssuer', description: 'An identity provider whose tokens a tenant may use.' });

export const issuerList = z.object({ data: z.array(issuerView) }).meta({ id: 'PinnedIssuerList' });

export const policyView = z
  .object({ policy_set: z.string(), rules: z.array(z.record(z.string(), z.string())) })
  .meta({ id: 'PolicySet' });

export const decisionView = z
  .object({
    allowed: z.boolean(),
    policy_set: z.string(),
    model_version: z.string(),
    stage: z.enum(STAGES),
    matched_rules: z.array(z.string()),
    reasons: z.array(z.string()),
    nearest_misses: z.array(z.string()),
    obligations: z.record(z.string(), z.unknown()),
  })
  .meta({ id: 'Decision' });

const preambleFacts = z.object({
  model_version: z.string(),
  sha256: z.string().nullable().describe('Of the text in UTF-8, in hexadecimal.'),
  bytes: z.int(),
});

export const preambleSet = preambleFacts.meta({ id: 'PreambleSet' });

export const preambleView = preambleFacts
  .extend({ preamble: z.string().nullable() })
  .meta({ id: 'Preamble', description: 'Confidential: shown only to those who may set it.' });

export const versionList = z
  .object({
    data: z.array(
      z.object({
        id: z.string(),
        model: z.string(),
        stage: z.enum(STAGES),
        capabilities: z.array(z.enum(CAPABILITIES)),
        deployment: z.string(),
        context_tokens: z.int(),
        max_output_tokens: z.int(),
      }),
    ),
  })
  .meta({ id: 'ModelVersionList' });
