import type { TenantSlug } from '../../domain/ids.ts';
import {
  DATA_CLASSES,
  type DataClass,
  type ModelAction,
  PURPOSES,
  type Purpose,
  REGIONS,
  type Region,
  STAGES,
  type Stage,
  type Tier,
} from '../../domain/vocabulary.ts';
import { type Facts, missedAttributes } from './facts.ts';
import { ANY, ATTRIBUTES, type Attribute, ROLES, type Role, type Rule } from './rule.ts';

/** Whom one engine decides for. */
export interface Shard {
  readonly tenant: TenantSlug;
  readonly tier: Tier;
  readonly action: ModelAction;
}

/** A request whose answer is known before the engine is asked. */
export interface Sentinel {
  readonly facts: Facts;
  /** Ids of the rules that match, found by comparing words, without the engine. */
  readonly matched: readonly string[];
  /** True when no policy may allow it, whatever its rules say. */
  readonly never: boolean;
}

/** No rule may name it, so it has the rules of its tier alone. */
export const SENTINEL_TENANT = 'sentinel-tenant' as TenantSlug;

const SAMPLED_MAX = 6;
const EXITS_PER_ATTRIBUTE = 2;

/**
 * Known answers to hold against an engine before it is used: never fewer than twenty, never more than sixty. A fixed
 * part, most of which no policy may allow; two corners of each rule (of at most 6 allows and 6 denies, evenly spread);
 * and for every attribute two requests that leave a rule by that attribute alone.
 */
export function sentinelsFor(rules: readonly Rule[], shard: Shard): readonly Sentinel[] {
  const sampled = (['allow', 'deny'] as const).flatMap((eft) =>
    spread(rules.filter((rule) => rule.eft === eft)),
  );
  const corners = sampled.flatMap((rule) => [inside(rule, shard, 0), inside(rule, shard, -1)]);
  const exits = ATTRIBUTES.flatMap((attribute) =>
    sampled.flatMap((rule) => outside(rule, shard, attribute)).slice(0, EXITS_PER_ATTRIBUTE),
  );
  return [
    ...neverAllowed(shard).map((facts) => sentinel(facts, rules, true)),
    ...[...everyday(shard), ...corners, ...exits].map((facts) => sentinel(facts, rules, false)),
  ];
}

function sentinel(facts: Facts, rules: readonly Rule[], never: boolean): Sentinel {
  const matched = rules.filter((rule) => missedAttributes(rule, facts).length === 0).map(({ id }) => id);
  return { facts, matched, never };
}

/**
 * Suspended and retired versions answer nobody, nothing is done for marketing, and an internal version is the
 * owner's own: each for every class of data.
 */
function neverAllowed(shard: Shard): readonly Facts[] {
  const boxes: readonly Partial<Facts>[] = [
    { stage: 'suspended' },
    { stage: 'retired' },
    { purpose: 'HMARKT' },
    ...(shard.tier === 'owner' ? [] : [{ stage: 'internal' } as const]),
  ];
  return boxes.flatMap((box) =>
    DATA_CLASSES.map((word, at) => ({
      ...plainFacts(shard),
      role: at % 2 === 0 ? 'human' : 'app',
      class: word,
      ...box,
    })),
  );
}

/** Treatment on a released version, for both roles and every class of data. */
function everyday(shard: Shard): readonly Facts[] {
  return ROLES.flatMap((role) => DATA_CLASSES.map((word) => ({ ...plainFacts(shard), role, class: word })));
}

/** The first or the last word of each list. */
function inside(rule: Rule, shard: Shard, corner: 0 | -1): Facts {
  const word = <Word extends string>(attribute: Attribute, otherwise: Word): Word =>
    // The loader admits only words of the column's own set.
    rule[attribute].includes(ANY) ? otherwise : ((rule[attribute].at(corner) ?? otherwise) as Word);
  const plain = plainFacts(shard);
  return {
    ...plain,
    role: word<Role>('role', plain.role),
    purpose: word<Purpose>('purpose', plain.purpose),
    class: word<DataClass>('class', plain.class),
    model: word('model', plain.model),
    stage: word<Stage>('stage', plain.stage),
    region: word<Region>('region', plain.region),
  };
}

/** None when the rule admits any word there. */
function outside(rule: Rule, shard: Shard, attribute: Attribute): readonly Facts[] {
  if (attribute === 'tenant' || attribute === 'action') return [];
  const word = OTHERS[attribute].find((other) => !rule[attribute].includes(other));
  const leaves = word !== undefined && !rule[attribute].includes(ANY);
  return leaves ? [{ ...inside(rule, shard, 0), [attribute]: word }] : [];
}

const OTHERS: Readonly<Record<Exclude<Attribute, 'tenant' | 'action'>, readonly string[]>> = {
  role: ROLES,
  purpose: PURPOSES,
  class: DATA_CLASSES,
  model: ['sentinel-model', 'sentinel-model-2'],
  stage: STAGES,
  region: REGIONS,
};

function plainFacts({ tenant, tier, action }: Shard): Facts {
  return {
    tenant: `tenant:${tenant}`,
    tier: `tier:${tier}`,
    role: 'human',
    purpose: 'TREAT',
    class: 'deidentified',
    model: 'sentinel-model',
    stage: 'ga',
    action,
    region: 'US',
  };
}

function spread(rules: readonly Rule[]): readonly Rule[] {
  const step = Math.max(1, Math.ceil(rules.length / SAMPLED_MAX));
  return rules.filter((_, at) => at % step === 0);
}
