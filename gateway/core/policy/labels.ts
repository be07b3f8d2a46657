import type { Tier } from '../../domain/vocabulary.ts';
import type { Decision } from './decision.ts';

/** What a request says of its data and of the consent to it, and who asks. */
export interface Labelled {
  readonly labels: readonly string[];
  readonly consents: readonly string[];
  readonly tier: Tier;
}

interface LabelRule {
  readonly id: string;
  readonly labels: ReadonlySet<string>;
  /** Whether the rule is satisfied. */
  readonly permits: (request: Labelled) => boolean;
  readonly reason: string;
}

/** What law forbids whatever the owner's table says; the table knows one class for all sensitive data. */
const RULES: readonly LabelRule[] = [
  {
    // 45 CFR 164.508(a)(2): psychotherapy notes stay with whoever wrote them.
    id: 'label-psychotherapy-notes',
    labels: new Set(['PSYTHPN']),
    permits: ({ tier }) => tier === 'owner',
    reason: 'psychotherapy_notes_not_shared',
  },
  {
    // 42 CFR part 2: records of substance use disorder treatment need the patient's consent.
    id: 'label-substance-use',
    labels: new Set(['SUD', 'ETH', 'ETHUD', 'OPIOIDUD']),
    permits: ({ consents }) => consents.length > 0,
    reason: 'consent_required',
  },
  {
    id: 'label-very-restricted',
    labels: new Set(['V']),
    permits: ({ tier }) => tier === 'owner',
    reason: 'very_restricted',
  },
];

/** The decision, made a deny where a label forbids what the table allows; it never makes an allow. */
export function boundByLabels(decision: Decision, request: Labelled): Decision {
  const broken = RULES.filter(
    ({ labels, permits }) => request.labels.some((label) => labels.has(label)) && !permits(request),
  );
  if (broken.length === 0) return decision;
  return {
    ...decision,
    allowed: false,
    matchedRules: [...decision.matchedRules, ...broken.map(({ id }) => id)],
    reasons: [...(decision.allowed ? [] : decision.reasons), ...broken.map(({ reason }) => reason)],
    nearestMisses: [],
  };
}
