import type { ModelVersion } from '../core/models/catalogue.ts';
import type { Decision, PolicyDecisionPoint, PolicyRequest } from '../core/policy/decision.ts';
import { boundByLabels } from '../core/policy/labels.ts';
import type { Tenant } from '../core/tenants/tenant.ts';
import { mint, type Pass } from '../domain/pass.ts';
import { Problem } from '../domain/problem.ts';
import { DATA_CLASSES, MODEL_ACTIONS, PURPOSES } from '../domain/vocabulary.ts';
import type { Entry } from './entry.ts';
import type { House } from './house.ts';
import type { Caller } from './identify.ts';
import type { Asked } from './understand.ts';

export type Grant = Pass<
  'authorized',
  { readonly asked: Asked; readonly version: ModelVersion; readonly decision: Decision }
>;

/**
 * May they. Throws `policy_denied`, `invalid_parameter` when path and body name different models, or
 * `model_not_found` when the tenant may not even know of the version: the same answer as for a model that does not exist.
 */
export function authorize(house: House, entry: Entry, asked: Asked): Grant {
  const point = house.policy.current();
  entry.note({ policySet: point.policySet });
  const candidates = versionsNamed(house.models.versions(), asked.model, asked.caller.tenant);
  const verdicts = candidates.map((version) => ({ version, decision: decide(point, asked, version) }));
  const allowed = verdicts.find(({ decision }) => decision.allowed);
  const known = allowed ?? verdicts.find(({ version }) => mayUse(point, asked.caller.tenant, version));
  const chosen = known ?? verdicts[0];
  if (chosen === undefined) throw new Problem('model_not_found', { param: 'model' });
  const { version, decision } = chosen;
  house.telemetry.decided(decision.allowed ? 'allow' : 'deny');
  const isKnowable = known !== undefined;
  entry.note(
    isKnowable
      ? decisionFacts(version, decision)
      : { ...decisionFacts(version, decision), reasonCode: 'model_not_visible' },
  );
  if (!isKnowable) throw new Problem('model_not_found', { param: 'model' });
  if (!decision.allowed) throw new Problem('policy_denied', { reasons: decision.reasons });
  if (asked.alsoNamed !== null && !isSameModel(house, point, { asked, version, name: asked.alsoNamed }))
    throw new Problem('invalid_parameter', { param: 'model' });
  return mint({ asked, version, decision });
}

/** By the owner's table, and by what law says of the labels. */
function decide(point: PolicyDecisionPoint, asked: Asked, version: ModelVersion): Decision {
  const { context, tenant } = asked.caller;
  const { labels, consents } = context;
  return boundByLabels(point.decide(policyRequest(asked, version)), { labels, consents, tier: tenant.tier });
}

/** The version of that id; or for a bare model name the tenant's pinned version, else all of them, newest first. */
function versionsNamed(
  versions: readonly ModelVersion[],
  name: string,
  tenant: Tenant,
): readonly ModelVersion[] {
  const exact = versions.find((version) => version.id === name);
  if (exact !== undefined) return [exact];
  const family = versions.filter((version) => version.model === name);
  const pinned = family.find((version) => version.id === tenant.pinnedVersion);
  return pinned === undefined ? family.toSorted((a, b) => b.created - a.created) : [pinned];
}

/** Whether any purpose and data class at all would let the tenant use this version; only such versions exist for it. */
export function mayUse(point: PolicyDecisionPoint, tenant: Tenant, version: ModelVersion): boolean {
  const principals = ['a:any', 'u:any'];
  return principals.some((principal) =>
    PURPOSES.some((purpose) =>
      DATA_CLASSES.some((dataClass) =>
        MODEL_ACTIONS.some((action) => {
          const attributes = { principal, purpose, dataClass, action };
          return point.decide({ ...attributes, ...tenantAttributes(tenant), ...versionAttributes(version) })
            .allowed;
        }),
      ),
    ),
  );
}

interface Naming {
  readonly asked: Asked;
  readonly version: ModelVersion;
  readonly name: string;
}

/** Whether a second name means the same model; a version that the tenant may not know of means nothing. */
function isSameModel(house: House, point: PolicyDecisionPoint, { asked, version, name }: Naming): boolean {
  if (name === version.model) return true;
  const other = house.models.versions().find(({ id }) => id === name);
  return other?.model === version.model && mayUse(point, asked.caller.tenant, other);
}

function policyRequest(asked: Asked, version: ModelVersion): PolicyRequest {
  const { tenant, context } = asked.caller;
  return {
    ...tenantAttributes(tenant),
    ...versionAttributes(version),
    principal: principalOf(asked.caller),
    purpose: context.purpose,
    dataClass: context.dataClass,
    action: asked.streamed ? 'stream' : 'infer',
  };
}

const principalOf = ({ client, context }: Caller) =>
  context.user === null ? `a:${client.id}` : `u:${context.user}`;
const tenantAttributes = (tenant: Tenant) => ({
  tenant: tenant.slug,
  tier: tenant.tier,
  region: tenant.region,
});
const versionAttributes = (version: ModelVersion) => ({ model: version.id, stage: version.stage });

function decisionFacts(version: ModelVersion, decision: Decision) {
  const { allowed, obligations, matchedRules, nearestMisses, reasons } = decision;
  return {
    modelVersion: version.id,
    model: version.model,
    deployment: version.deployment,
    stage: version.stage,
    decision: allowed ? ('allow_with_obligations' as const) : ('deny' as const),
    matchedRules,
    nearestMisses,
    ...(allowed
      ? { obligations: { ...obligations } }
      : { reasons, reasonCode: reasons[0] ?? 'no_matching_rule' }),
  };
}
