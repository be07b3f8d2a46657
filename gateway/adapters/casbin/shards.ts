import type { Facts } from '../../core/policy/facts.ts';
import { ANY, type Rule } from '../../core/policy/rule.ts';
import type { RuleIndex } from '../../core/policy/rule-index.ts';
import { type Sentinel, type Shard, sentinelsFor } from '../../core/policy/sentinels.ts';
import { Problem } from '../../domain/problem.ts';
import { createBoundedMap } from './bounded-map.ts';
import { buildEngine, type Engine } from './build-engine.ts';

/** The engines of one policy set. */
export interface Shards {
  /** Built and tried on first use, then kept; throws `policy_invalid` when it fails a known answer. */
  engineFor(shard: Shard): ShardEngine;
}

export interface ShardEngine {
  /** How many known answers were an allow. */
  readonly allowsProven: number;
  /** Every rule that matches, in file order; throws when the engine cannot tell. */
  match(facts: Facts): readonly Rule[];
}

interface RuleSet {
  readonly modelText: string;
  readonly index: RuleIndex;
}

const ENGINES_KEPT_MAX = 4_096;

/**
 * One enforcer per tenant and action, holding only the rules written for that tenant. Tenants that no rule names have
 * the same rules as the rest of their tier, so they share its enforcer: a tenant made at run time needs no build.
 */
export function createShards({ modelText, index }: RuleSet): Shards {
  const engines = createBoundedMap<ShardEngine>(ENGINES_KEPT_MAX);
  return {
    engineFor(shard) {
      const { tenant, tier, action } = shard;
      const holder = index.names(`tenant:${tenant}`) ? tenant : '';
      return engines.get(`${holder} ${tier} ${action}`, () => buildShard({ modelText, index, shard }));
    },
  };
}

function buildShard({ modelText, index, shard }: RuleSet & { readonly shard: Shard }): ShardEngine {
  const { tenant, tier, action } = shard;
  const own = index
    .concerning({ tenant: `tenant:${tenant}`, tier: `tier:${tier}` })
    .filter((rule) => rule.action.includes(ANY) || rule.action.includes(action));
  const engine = own.length === 0 ? undefined : buildEngine({ modelText, rows: own.map(rowOf) });
  const match = (facts: Facts) => matchIn(engine, own, facts);
  const tried = sentinelsFor(own, shard).map((sentinel) => ({ sentinel, found: match(sentinel.facts) }));
  const failed = tried.filter((trial) => !isRight(trial));
  if (failed.length > 0) throw new Problem('policy_invalid', { reasons: failed.slice(0, 20).map(reasonOf) });
  return { match, allowsProven: tried.filter(({ found }) => allows(found)).length };
}

function rowOf(rule: Rule): readonly string[] {
  const { id, tenant, role, purpose, class: dataClass, model, stage, action, region, eft } = rule;
  const lists = [tenant, role, purpose, dataClass, model, stage, action, region];
  return [id, ...lists.map((words) => words.join('|')), eft];
}

/** Without rules nothing is asked of the engine: an empty one would compare the request with empty cells. */
function matchIn(engine: Engine | undefined, rules: readonly Rule[], facts: Facts): readonly Rule[] {
  if (engine === undefined) return [];
  const { tenant, tier, role, purpose, class: dataClass, model, stage, action, region } = facts;
  const verdict = engine.match([tenant, tier, role, purpose, dataClass, model, stage, action, region]);
  const matched = verdict.matched.flatMap((at) => rules[at] ?? []);
  if (verdict.allowed !== allows(matched)) throw new Error('the verdict and the matching rules disagree');
  return matched;
}

interface Trial {
  readonly sentinel: Sentinel;
  readonly found: readonly Rule[];
}

function isRight({ sentinel: { matched, never }, found }: Trial): boolean {
  const same = found.length === matched.length && found.every(({ id }, at) => id === matched[at]);
  return same && !(never && allows(found));
}

function allows(matched: readonly Rule[]): boolean {
  return matched.some(({ eft }) => eft === 'allow') && matched.every(({ eft }) => eft === 'allow');
}

function reasonOf({ sentinel: { facts, never } }: Trial): string {
  const { tier, role, purpose, class: dataClass, stage, action } = facts;
  const tuple = [tier, role, purpose, dataClass, stage, action].join(' ');
  return `sentinel: ${never ? 'never_allowed' : 'differs'} ${tuple}`;
}
