import type { IssuerKind, TokenAlg } from '../../domain/vocabulary.ts';
import type { PinnedIssuer } from './issuer.ts';

/** What the tokens of one issuer are held to. */
export interface Trust {
  readonly kind: 'own' | IssuerKind;
  readonly issuer: string;
  readonly audience: string;
  readonly algs: readonly TokenAlg[];
  /** Undefined for the gateway's own tokens. */
  readonly pinned: PinnedIssuer | undefined;
}

/** The gateway's own tokens: its public URL is issuer and audience (RFC 9068). */
export function ownTrust(publicUrl: string): Trust {
  return { kind: 'own', issuer: publicUrl, audience: publicUrl, algs: ['ES256'], pinned: undefined };
}

export function trustIn(pinned: PinnedIssuer): Trust {
  const { kind, issuer, audience, algs } = pinned;
  return { kind, issuer, audience, algs, pinned };
}
