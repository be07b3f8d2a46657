import type { TenantId } from '../../domain/ids.ts';

/** Keyed hashes: each purpose and tenant has its own key, derived from the master key (HKDF-SHA-256, RFC 5869). */
export interface Keyring {
  /** HMAC-SHA-256 of an API key's secret under the pepper; 32 bytes. */
  secretHmac(secret: string): Uint8Array;
  /** Compares in constant time. */
  isSecret(secret: string, hmac: Uint8Array): boolean;
  /** First 128 bits, hex, of the patient reference's HMAC under the tenant's key. */
  patientRef(tenant: TenantId, reference: string): string;
  /** 64 hex digits that name a user to the model's host and to nobody else (OpenAI `safety_identifier`). */
  safetyIdentifier(tenant: TenantId, user: string): string;
  /** HMAC-SHA-256 of what tells one request from another, under the tenant's key; 32 bytes. */
  replayHmac(tenant: TenantId, text: string): Uint8Array;
  /** Encrypted under the tenant's key (AES-256-GCM) and bound to what it is about. */
  sealReplay(tenant: TenantId, plain: Uint8Array, about: string): Uint8Array;
  /** Throws when it was altered, or sealed for another tenant or about something else. */
  openReplay(tenant: TenantId, sealed: Uint8Array, about: string): Uint8Array;
  /** 32 hex digits that begin everything the model reads for a tenant, so that no other tenant's prompt begins alike. */
  promptSalt(tenant: TenantId): string;
  /** 32 hex digits for the host's prompt cache (OpenAI `prompt_cache_key`): the caller's own key within the tenant's. */
  promptCacheKey(tenant: TenantId, own: string): string;
  /** The mark of a version's preamble: 24 letters and digits of base32 (RFC 4648), 120 bits. */
  preambleMark(version: string): string;
  /** A key that signs access tokens, encrypted under the master key (AES-256-GCM) and bound to its name. */
  sealSigningKey(plain: Uint8Array, kid: string): Uint8Array;
  /** Throws when it was altered, or sealed under another name or master key. */
  openSigningKey(sealed: Uint8Array, kid: string): Uint8Array;
}
