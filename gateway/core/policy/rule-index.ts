import { concernsTenant, type Facts } from './facts.ts';
import type { Rule } from './rule.ts';

/** Finds a tenant's rules without looking at those of the others. */
export interface RuleIndex {
  /** Whether any rule is written for this tenant by name. */
  names(tenant: Facts['tenant']): boolean;
  /** The rules for this tenant, its tier, or everyone, in file order. */
  concerning(whom: Pick<Facts, 'tenant' | 'tier'>): readonly Rule[];
}

export function indexRules(rules: readonly Rule[]): RuleIndex {
  const shared = rules.filter((rule) => !rule.tenant.every(isTenant));
  const named = Map.groupBy(
    rules.flatMap((rule) => rule.tenant.filter(isTenant).map((tenant) => ({ tenant, rule }))),
    ({ tenant }) => tenant,
  );
  return {
    names: (tenant) => named.has(tenant),
    concerning(whom) {
      const own = (named.get(whom.tenant) ?? []).map(({ rule }) => rule);
      const concerned = new Set([...shared.filter((rule) => concernsTenant(rule, whom)), ...own]);
      return [...concerned].sort((one, other) => one.position - other.position);
    },
  };
}

function isTenant(word: string): boolean {
  return word.startsWith('tenant:');
}
