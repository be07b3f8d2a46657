import type { Hl7B2b } from '../contract/hl7-b2b.ts';
import type { Client, Tenant } from '../core/tenants/tenant.ts';
import type { AssertionAlgorithm } from '../core/tokens/client-assertion.ts';
import type { RegisteredKey } from '../core/tokens/registered-key.ts';
import type { PublicJwk } from '../core/tokens/signing-key.ts';
import type { SpentNames } from '../core/tokens/spent-names.ts';
import type { ClientId } from '../domain/ids.ts';

/** What a request for a token needs beyond the house. */
export interface IssuingDesk {
  readonly clients: TokenClients;
  readonly issuer: TokenIssuer;
  readonly spent: SpentNames;
  /** The gateway's own origin: issuer, audience and resource identifier of its tokens. */
  readonly origin: () => string;
  readonly algorithms: readonly AssertionAlgorithm[];
  readonly publicKeys: () => { readonly keys: readonly PublicJwk[] };
}

export interface TokenClients {
  /** The client whatever its state, or undefined when there is none. Throws `service_unavailable`. */
  findTokenClient(id: ClientId): Promise<TokenClient | undefined>;
}

export interface TokenClient {
  readonly tenant: Tenant;
  readonly client: Client;
  readonly keys: readonly RegisteredKey[];
}

/** A request that keeps every rule which can be judged without a signature. */
export interface TokenWish {
  readonly client: ClientId;
  /** The one registered key that can have signed the assertion. */
  readonly key: RegisteredKey;
  readonly assertion: string;
  readonly scope: string;
  /** A DPoP proof (RFC 9449), to whose key the token shall be bound. */
  readonly proof: string | undefined;
  /** What the token says of the request's purpose and human. */
  readonly extension: Hl7B2b | undefined;
}

export interface IssuedToken {
  readonly token: string;
  readonly id: string;
  readonly type: 'Bearer' | 'DPoP';
  readonly lifetimeS: number;
}

export interface TokenIssuer {
  /**
   * Verifies the assertion's signature and the proof, and signs a token. Throws `invalid_client`, and
   * `invalid_parameter` about `dpop`.
   */
  issue(wish: TokenWish): Promise<IssuedToken>;
}

/** Where tokens are asked for, below the origin. */
export const TOKEN_PATH = '/oauth2/token';
/** Where the public keys are that verify them. */
export const KEYS_PATH = '/oauth2/jwks';
