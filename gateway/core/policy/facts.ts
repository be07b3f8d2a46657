import type { TenantSlug } from '../../domain/ids.ts';
import { readSlug } from '../../domain/ids.ts';
import {
  DATA_CLASSES,
  type DataClass,
  isOneOf,
  MODEL_ACTIONS,
  type ModelAction,
  PURPOSES,
  type Purpose,
  REGIONS,
  type Region,
  STAGES,
  type Stage,
  TIERS,
  type Tier,
} from '../../domain/vocabulary.ts';
import type { PolicyRequest } from './decision.ts';
import { ANY, ATTRIBUTES, type Attribute, type Role, type Rule } from './rule.ts';

/** A request in the words of the rule table; every one is known to be in its closed set or of its form. */
export interface Facts {
  readonly tenant: `tenant:${TenantSlug}`;
  readonly tier: `tier:${Tier}`;
  readonly role: Role;
  readonly purpose: Purpose;
  readonly class: DataClass;
  readonly model: string;
  readonly stage: Stage;
  readonly action: ModelAction;
  readonly region: Region;
}

/**
 * Reads each attribute once and admits only strings from the closed sets. Undefined for anything else: an array,
 * boolean or object would be coerced by Casbin's `==`. The prefixes are set here, so that neither a user called
 * `human` nor a tenant called `research` can become a role or a tier.
 */
export function readFacts(request: PolicyRequest): Facts | undefined {
  if (typeof request !== 'object' || request === null) return undefined;
  const { tier, purpose, dataClass, stage, action, region } = request;
  const tenant = slugOf(request.tenant);
  const role = roleOf(request.principal);
  const model = modelOf(request.model);
  if (tenant === undefined || role === undefined || model === undefined) return undefined;
  if (!isOneOf(TIERS, tier) || !isOneOf(PURPOSES, purpose) || !isOneOf(DATA_CLASSES, dataClass))
    return undefined;
  if (!isOneOf(STAGES, stage) || !isOneOf(MODEL_ACTIONS, action) || !isOneOf(REGIONS, region))
    return undefined;
  return {
    tenant: `tenant:${tenant}`,
    tier: `tier:${tier}`,
    role,
    purpose,
    class: dataClass,
    model,
    stage,
    action,
    region,
  };
}

/** The attributes in which the facts fall outside the rule; none means that it matches. */
export function missedAttributes(rule: Rule, facts: Facts): readonly Attribute[] {
  return ATTRIBUTES.filter((attribute) => !admits(rule, attribute, facts));
}

/** Whether the rule is written for this tenant, its tier, or everyone. */
export function concernsTenant(rule: Rule, facts: Pick<Facts, 'tenant' | 'tier'>): boolean {
  return rule.tenant.includes(ANY) || rule.tenant.includes(facts.tenant) || rule.tenant.includes(facts.tier);
}

/** A model version's name: lower case, as the catalogue writes it; nothing a list or pattern could be made of. */
export const MODEL_NAME = /^[a-z0-9][a-z0-9._-]{0,63}$/;

function admits(rule: Rule, attribute: Attribute, facts: Facts): boolean {
  if (attribute === 'tenant') return concernsTenant(rule, facts);
  return rule[attribute].includes(ANY) || rule[attribute].includes(facts[attribute]);
}

function slugOf(value: unknown): TenantSlug | undefined {
  return typeof value === 'string' ? readSlug(value) : undefined;
}

function modelOf(value: unknown): string | undefined {
  return typeof value === 'string' && MODEL_NAME.test(value) ? value : undefined;
}

const PRINCIPAL = /^([au]):[^\p{C}]{1,256}$/u;

function roleOf(value: unknown): Role | undefined {
  if (typeof value !== 'string' || value.length > 512) return undefined;
  const kind = PRINCIPAL.exec(value)?.[1];
  return kind === undefined ? undefined : kind === 'u' ? 'human' : 'app';
}
