import type { ClientId, IssuerId, TenantId } from '../../domain/ids.ts';
import type { IssuerKind, TokenAlg } from '../../domain/vocabulary.ts';

/**
 * An identity provider whose access tokens one tenant's clients may use. It is never changed, only removed: another pinning
 * of the same provider has another id.
 */
export interface PinnedIssuer {
  readonly id: IssuerId;
  readonly tenantId: TenantId;
  /** What `iss` must say, to the letter. */
  readonly issuer: string;
  readonly jwksUri: string;
  /** What `aud` must say. */
  readonly audience: string;
  readonly algs: readonly TokenAlg[];
  readonly kind: IssuerKind;
  readonly status: 'active' | 'removed';
  /** Which client each `client_id` or `azp` of the provider stands for. */
  readonly clients: ReadonlyMap<string, ClientId>;
}
