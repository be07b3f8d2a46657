import { createHash } from 'node:crypto';
import { conclude, refuseUndecided } from '../../core/policy/decide.ts';
import type { Decision, PolicyDecisionPoint } from '../../core/policy/decision.ts';
import { type Facts, readFacts } from '../../core/policy/facts.ts';
import { parseRules } from '../../core/policy/parse-rules.ts';
import { indexRules, type RuleIndex } from '../../core/policy/rule-index.ts';
import { SENTINEL_TENANT } from '../../core/policy/sentinels.ts';
import { readSlug, type TenantSlug } from '../../domain/ids.ts';
import { Problem } from '../../domain/problem.ts';
import { MODEL_ACTIONS, TIERS, type Tier } from '../../domain/vocabulary.ts';
import { createBoundedMap } from './bounded-map.ts';
import { POLICY_MODEL } from './policy-model.ts';
import { requireModel } from './require-model.ts';
import { createShards, type Shards } from './shards.ts';

export interface PolicySource {
  /** The text of `model.conf`. */
  readonly modelText: string;
  /** The text of `stewardship.csv`. */
  readonly rulesText: string;
  /** Tenants to be ready for at once; any other is served as well, from the first request on. */
  readonly tenants: readonly { readonly slug: string; readonly tier: Tier }[];
  /** Told of a fault that was answered with a deny; it must not throw. */
  readonly onFault?: (fault: unknown) => void;
}

const DECISIONS_KEPT_MAX = 10_000;

/**
 * One immutable policy set, built aside and tried against known answers before it is returned; throws `policy_invalid`
 * otherwise, and whatever was active stays so. Its `decide` never throws and its decisions are frozen.
 */
export function createDecisionPoint(source: PolicySource): PolicyDecisionPoint {
  requireModel(source.modelText, POLICY_MODEL);
  const index = indexRules(parseRules(source.rulesText));
  const shards = createShards({ modelText: source.modelText, index });
  warm({ shards, index, tenants: source.tenants });
  const policySet = policySetId(source);
  const known = createBoundedMap<Decision>(DECISIONS_KEPT_MAX);

  return Object.freeze({
    policySet,
    decide(request) {
      try {
        const facts = readFacts(request);
        if (facts === undefined) return refuseUndecided(policySet, 'request_not_understood');
        return known.get(tupleKey(facts), () => decideAfresh({ shards, index, facts, policySet }));
      } catch (fault) {
        source.onFault?.(fault);
        return refuseUndecided(policySet, 'undecidable');
      }
    },
  } satisfies PolicyDecisionPoint);
}

interface Warming extends Pick<PolicySource, 'tenants'> {
  readonly shards: Shards;
  readonly index: RuleIndex;
}

/**
 * Builds and tries the engines of every tier, which also serve each tenant that no rule names, those made later
 * included, and of the first tenants that have rules of their own. The others are built on their first request.
 */
function warm({ shards, index, tenants }: Warming): void {
  const known = tenants.map(({ slug, tier }) => ({ tenant: requireSlug(slug), tier }));
  const holders = [
    ...TIERS.map((tier) => ({ tenant: SENTINEL_TENANT, tier })),
    ...affordable(
      known.filter(({ tenant }) => index.names(`tenant:${tenant}`)),
      index,
    ),
  ];
  const engines = holders.flatMap((holder) =>
    MODEL_ACTIONS.map((action) => shards.engineFor({ ...holder, action })),
  );
  if (engines.every(({ allowsProven }) => allowsProven === 0)) {
    throw new Problem('policy_invalid', { reasons: ['sentinel: nothing_allowed'] });
  }
}

interface Holder {
  readonly tenant: TenantSlug;
  readonly tier: Tier;
}

/** Trying one rule costs about 4 µs for each of 60 known answers and 2 actions, so this many take about a second. */
const OWN_RULES_WARMED_MAX = 2_000;

function affordable(holders: readonly Holder[], index: RuleIndex): readonly Holder[] {
  let rules = 0;
  return holders.filter(({ tenant, tier }) => {
    if (rules > OWN_RULES_WARMED_MAX) return false;
    rules += index.concerning({ tenant: `tenant:${tenant}`, tier: `tier:${tier}` }).length;
    return rules <= OWN_RULES_WARMED_MAX;
  });
}

function requireSlug(text: string): TenantSlug {
  const slug = readSlug(text);
  if (slug === undefined) throw new Problem('policy_invalid', { reasons: ['tenant'] });
  return slug;
}

interface Question {
  readonly shards: Shards;
  readonly index: RuleIndex;
  readonly facts: Facts;
  readonly policySet: string;
}

function decideAfresh({ shards, index, facts, policySet }: Question): Decision {
  const matched = shards.engineFor(shardOf(facts)).match(facts);
  const considered = matched.length > 0 ? [] : index.concerning(facts);
  return conclude({ matched, considered, facts, policySet });
}

function shardOf({ tenant, tier, action }: Facts) {
  return {
    tenant: tenant.slice('tenant:'.length) as TenantSlug,
    tier: tier.slice('tier:'.length) as Tier,
    action,
  };
}

/** JSON of the whole tuple: no two tuples share a key, whatever characters their words hold. */
function tupleKey({
  tenant,
  tier,
  role,
  purpose,
  class: dataClass,
  model,
  stage,
  action,
  region,
}: Facts): string {
  return JSON.stringify([tenant, tier, role, purpose, dataClass, model, stage, action, region]);
}

function policySetId({ modelText, rulesText }: PolicySource): string {
  const digest = createHash('sha256')
    .update(JSON.stringify([modelText, rulesText]), 'utf8')
    .digest('hex');
  return `ps_${digest.slice(0, 16)}`;
}
