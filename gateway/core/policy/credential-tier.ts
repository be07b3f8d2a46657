import type { CredentialTier, DataClass, Purpose } from '../../domain/vocabulary.ts';
import type { Decision } from './decision.ts';

/** What a request wants to do, and how strong the credential is that it came with. */
export interface Credentialled {
  readonly credentialTier: CredentialTier;
  readonly purpose: Purpose;
  /** A label above normal confidentiality, or a sensitivity code, has raised it to `sensitive` already. */
  readonly dataClass: DataClass;
}

/** Whether more is asked than an API key may: whoever reads such a key can use it, so it proves neither person nor emergency. */
export function needsStrongerCredential({ credentialTier, purpose, dataClass }: Credentialled): boolean {
  return credentialTier === 3 && (dataClass === 'sensitive' || purpose === 'BTG' || purpose === 'ETREAT');
}

/** The decision, made a deny where the credential is too weak for what the table allows; it never makes an allow. */
export function boundByCredential(decision: Decision, request: Credentialled): Decision {
  if (!needsStrongerCredential(request)) return decision;
  return {
    ...decision,
    allowed: false,
    matchedRules: [...decision.matchedRules, 'credential-api-key'],
    reasons: ['credential_too_weak', ...(decision.allowed ? [] : decision.reasons)],
    nearestMisses: [],
  };
}
