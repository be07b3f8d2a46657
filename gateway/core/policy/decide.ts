import type { Decision } from './decision.ts';
import type { Facts } from './facts.ts';
import { nearestMisses } from './nearest-misses.ts';
import { mergeDuties, NOTHING_PERMITTED } from './obligations.ts';
import type { AllowRule, DenyRule, Rule } from './rule.ts';

/** What the engine found and the rules it searched. */
export interface Findings {
  /** Rules that matched, in file order. */
  readonly matched: readonly Rule[];
  /** Every rule written for the tenant, for the explanation of a default deny. */
  readonly considered: readonly Rule[];
  readonly facts: Facts;
  readonly policySet: string;
}

/** A decision with its explanation: a deny overrides every allow, and no match is a deny. Frozen. */
export function conclude({ matched, considered, facts, policySet }: Findings): Decision {
  const denies = matched.filter(isDeny);
  const allows = matched.filter(isAllow);
  if (denies.length > 0) return refuse(policySet, { matched, reasons: denies.map(({ reason }) => reason) });
  if (allows.length === 0) return refuse(policySet, { misses: nearestMisses(considered, facts) });
  return Object.freeze({
    allowed: true,
    matchedRules: idsOf(matched),
    reasons: Object.freeze([]),
    nearestMisses: Object.freeze([]),
    obligations: mergeDuties(allows.map(({ duties }) => duties)),
    policySet,
  });
}

/** A deny that no rule spoke for: the request or the engine was at fault. */
export function refuseUndecided(
  policySet: string,
  reason: 'request_not_understood' | 'undecidable',
): Decision {
  return refuse(policySet, { reasons: [reason] });
}

interface Grounds {
  readonly matched?: readonly Rule[];
  readonly reasons?: readonly string[];
  readonly misses?: readonly string[];
}

function refuse(
  policySet: string,
  { matched = [], reasons = ['no_matching_rule'], misses = [] }: Grounds,
): Decision {
  return Object.freeze({
    allowed: false,
    matchedRules: idsOf(matched),
    reasons: Object.freeze([...new Set(reasons)]),
    nearestMisses: Object.freeze([...misses]),
    obligations: NOTHING_PERMITTED,
    policySet,
  });
}

function idsOf(rules: readonly Rule[]): readonly string[] {
  return Object.freeze(rules.map(({ id }) => id));
}

function isDeny(rule: Rule): rule is DenyRule {
  return rule.eft === 'deny';
}

function isAllow(rule: Rule): rule is AllowRule {
  return rule.eft === 'allow';
}
