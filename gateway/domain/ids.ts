declare const idOf: unique symbol;
type Id<Noun extends string> = string & { readonly [idOf]: Noun };

/** A tenant's UUID in its outside form, `ten_<uuid>`. */
export type TenantId = Id<'tenant'>;
export type ClientId = Id<'client'>;
export type OperatorId = Id<'operator'>;
/** A pinning of an identity provider to a tenant. */
export type IssuerId = Id<'issuer'>;
export type RequestId = Id<'request'>;
export type DecisionId = Id<'decision'>;
export type RecordId = Id<'record'>;
/** The 12 base62 characters that name an API key; not secret. */
export type KeyId = Id<'key'>;
/** A tenant's readable name in policies and the command line. */
export type TenantSlug = Id<'slug'>;

const PREFIX = {
  tenant: 'ten_',
  client: 'cli_',
  operator: 'opr_',
  issuer: 'iss_',
  request: 'req_',
  decision: 'dec_',
  record: 'rec_',
} as const;

type PrefixedNoun = keyof typeof PREFIX;

/** Fresh ids, UUIDv7 (RFC 9562 section 5.7), so that they sort by time. */
export interface Ids {
  uuid(): string;
}

export function newId<Noun extends PrefixedNoun>(noun: Noun, ids: Ids): Id<Noun> {
  return `${PREFIX[noun]}${ids.uuid()}` as Id<Noun>;
}

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;
const ULID = /^[0-7][0-9A-HJKMNP-TV-Z]{25}$/;
const SLUG = /^[a-z][a-z0-9-]{1,38}[a-z0-9]$/;

/** The id when it has the outside form of that noun, else undefined. */
export function readId<Noun extends PrefixedNoun>(noun: Noun, text: string): Id<Noun> | undefined {
  const prefix = PREFIX[noun];
  return text.startsWith(prefix) && UUID.test(text.slice(prefix.length)) ? (text as Id<Noun>) : undefined;
}

export function readSlug(text: string): TenantSlug | undefined {
  return SLUG.test(text) ? (text as TenantSlug) : undefined;
}

/** The caller's own request id is kept only when it is a UUID or a ULID. */
export function isTraceableRequestId(text: string): boolean {
  return text.length <= 36 && (UUID.test(text.toLowerCase()) || ULID.test(text));
}
