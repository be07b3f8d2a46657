import { type Facts, missedAttributes } from './facts.ts';
import type { Rule } from './rule.ts';

const SHOWN_MAX = 5;

/**
 * For a default deny: the allow rules that one other attribute would have satisfied, as `ruleId:attribute`, in file
 * order. A miss by tenant is not shown: it would tell one tenant of the rules of another.
 */
export function nearestMisses(rules: readonly Rule[], facts: Facts): readonly string[] {
  const misses: string[] = [];
  for (const rule of rules) {
    if (misses.length === SHOWN_MAX) break;
    if (rule.eft !== 'allow') continue;
    const [only, ...others] = missedAttributes(rule, facts);
    if (only !== undefined && only !== 'tenant' && others.length === 0) misses.push(`${rule.id}:${only}`);
  }
  return misses;
}
