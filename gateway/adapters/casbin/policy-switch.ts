import type { PolicyDecisionPoint } from '../../core/policy/decision.ts';

/** Holds the active policy set. A request reads `current()` once and keeps to it. */
export interface PolicySwitch {
  current(): PolicyDecisionPoint;
  /** Replaces the pointer and nothing else; gives the set that was active before, for a rollback. */
  swap(next: PolicyDecisionPoint): PolicyDecisionPoint;
}

export function createPolicySwitch(initial: PolicyDecisionPoint): PolicySwitch {
  let active = initial;
  return {
    current: () => active,
    swap(next) {
      const before = active;
      active = next;
      return before;
    },
  };
}
