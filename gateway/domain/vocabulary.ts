/** Purpose-of-use codes: HL7 v3 ActReason, value set GeneralPurposeOfUse, plus BTG and HQUALIMP. */
export const PURPOSES = [
  'TREAT',
  'ETREAT',
  'BTG',
  'HPAYMT',
  'HOPERAT',
  'HRESCH',
  'COVERAGE',
  'PUBHLTH',
  'PATRQT',
  'HQUALIMP',
  'HMARKT',
] as const;
export type Purpose = (typeof PURPOSES)[number];

/** Purposes that always need a named human behind the request. */
export const HUMAN_PURPOSES: readonly Purpose[] = ['TREAT', 'ETREAT', 'BTG'];

/** Data classes, least to most protected; the gateway may raise a request's class, never lower it. */
export const DATA_CLASSES = ['deidentified', 'limited', 'phi', 'sensitive'] as const;
export type DataClass = (typeof DATA_CLASSES)[number];

/** The life of a model version; `suspended` and `retired` answer nobody. */
export const STAGES = ['internal', 'pilot', 'ga', 'suspended', 'retired'] as const;
export type Stage = (typeof STAGES)[number];

/** What a model version can be asked for. */
export const CAPABILITIES = ['chat', 'embeddings'] as const;
export type Capability = (typeof CAPABILITIES)[number];

/** How the numbers of an embedding are written: as numbers, or as octets of float32 in base64. */
export const VECTOR_ENCODINGS = ['float', 'base64'] as const;
export type VectorEncoding = (typeof VECTOR_ENCODINGS)[number];

/** Tiers of tenant; `owner` is the hospital itself. */
export const TIERS = ['owner', 'covered-entity', 'research', 'payer'] as const;
export type Tier = (typeof TIERS)[number];

/** What a caller can ask of a model: one whole answer, or a stream. */
export const MODEL_ACTIONS = ['infer', 'stream'] as const;
export type ModelAction = (typeof MODEL_ACTIONS)[number];

/** Where a tenant's data may be processed. */
export const REGIONS = ['US', 'EU'] as const;
export type Region = (typeof REGIONS)[number];

/** Roles of the owner's own people. */
export const OPERATOR_ROLES = ['owner', 'author', 'approver', 'auditor', 'billing', 'modelSteward'] as const;
export type OperatorRole = (typeof OPERATOR_ROLES)[number];

/** Roles of a tenant's own people, each within its tenant. */
export const TENANT_ROLES = ['tenant_admin', 'tenant_developer', 'tenant_viewer'] as const;
export type TenantRole = (typeof TENANT_ROLES)[number];

export const ROLES = [...OPERATOR_ROLES, ...TENANT_ROLES] as const;
export type Role = (typeof ROLES)[number];

/** What an API key of a client may be issued for: to ask models, or only to list them. */
export const KEY_SCOPES = ['model:invoke', 'model:read'] as const;
export type KeyScope = (typeof KEY_SCOPES)[number];

/**
 * How strong a credential is: 1 a token of a client that proved itself by its key pair, 2 a token bound to a client
 * certificate, 3 an API key, which whoever reads it can use.
 */
export type CredentialTier = 1 | 2 | 3;

/** How strongly the context of a request (purpose, user, patient) is proven. */
export const ASSURANCES = ['asserted', 'signed', 'token'] as const;
export type Assurance = (typeof ASSURANCES)[number];

/** `decided` before the model is asked, `completed` before the last byte; `single` when there was no call; `abandoned` by the sweeper. */
export const AUDIT_PHASES = ['decided', 'completed', 'single', 'abandoned', 'aggregate'] as const;
export type AuditPhase = (typeof AUDIT_PHASES)[number];

export const AUDIT_OUTCOMES = [
  'success',
  'denied',
  'client_error',
  'client_aborted',
  'upstream_error',
  'timeout',
  'failed',
  'audit_unavailable',
  'abandoned',
] as const;
export type AuditOutcome = (typeof AUDIT_OUTCOMES)[number];

/** Create, read, update, delete, execute (FHIR AuditEvent.action). */
export const AUDIT_ACTIONS = ['C', 'R', 'U', 'D', 'E'] as const;
export type AuditAction = (typeof AUDIT_ACTIONS)[number];

export const VERDICTS = ['allow', 'allow_with_obligations', 'deny'] as const;
export type Verdict = (typeof VERDICTS)[number];

export function isOneOf<const T extends string>(words: readonly T[], word: string): word is T {
  return (words as readonly string[]).includes(word);
}

/** Signature algorithms of access tokens (RFC 7518, RFC 8037); an issuer is held to those pinned for it. */
export const TOKEN_ALGS = ['ES256', 'ES384', 'PS256', 'PS384', 'RS256', 'RS384', 'EdDSA'] as const;
export type TokenAlg = (typeof TOKEN_ALGS)[number];

/** Of these, the ones of DPoP proofs. */
export const PROOF_ALGS = [
  'ES256',
  'ES384',
  'EdDSA',
  'PS256',
  'RS256',
] as const satisfies readonly TokenAlg[];

/** Kinds of identity providers: RFC 9068 to the letter, or Microsoft Entra ID with its own claims. */
export const ISSUER_KINDS = ['generic', 'entra'] as const;
export type IssuerKind = (typeof ISSUER_KINDS)[number];
