import { MODEL_NOT_VISIBLE } from '../core/ledger/audit-search.ts';
import type { ModelVersion } from '../core/models/catalogue.ts';
import { boundByCredential, needsStrongerCredential } from '../core/policy/credential-tier.ts';
import type { Decision, PolicyDecisionPoint, PolicyRequest } from '../core/policy/decision.ts';
import { boundByLabels } from '../core/policy/labels.ts';
import type { Tenant } from '../core/tenants/tenant.ts';
import { mint, type Pass } from '../domain/pass.ts';
import { Problem } from '../domain/problem.ts';
import { type Capability, DATA_CLASSES, MODEL_ACTIONS, PURPOSES } from '../domain/vocabulary.ts';
import type { Entry } from './entry.ts';
import type { House } from './house.ts';
import type { Caller } from './identify.ts';
import type { AnyAsked, Asked } from './understand.ts';

export type Grant<A extends AnyAsked = Asked> = Pass<
  'authorized',
  { readonly asked: A; readonly version: ModelVersion; readonly decision: Decision }
>;

/**
 * May they. Throws `policy_denied`, `assurance_required` when the credential is too weak, `invalid_parameter` when path and body name different models or the model cannot
 * do what is asked, or `model_not_found` when the tenant may not even know of the version: the same answer as for a
 * model that does not exist.
 */
export function authorize<A extends AnyAsked>(
  house: House,
  entry: Entry,
  asked: A,
  capability: Capability,
): Grant<A> {
  const point = house.policy.current();
  entry.note({ policySet: point.policySet });
  const candidates = versionsNamed(house.models.versions(), asked, capability);
  const verdicts = candidates.map((version) => ({ version, decision: decide(point, asked, version) }));
  const allowed = verdicts.find(({ decision }) => decision.allowed);
  const known = allowed ?? verdicts.find(({ version }) => mayUse(point, asked.caller.tenant, version));
  const chosen = known ?? verdicts[0];
  if (chosen === undefined) throw objectionToName(house, point, { asked, capability });
  const { version, decision } = chosen;
  house.telemetry.decided(decision.allowed ? 'allow' : 'deny');
  const isKnowable = known !== undefined;
  entry.note(
    isKnowable
      ? decisionFacts(version, decision)
      : { ...decisionFacts(version, decision), reasonCode: MODEL_NOT_VISIBLE },
  );
  if (!isKnowable) throw objectionToName(house, point, { asked, capability });
  if (needsStrongerCredential(credentialled(asked)))
    throw new Problem('assurance_required', { reasons: decision.reasons });
  if (!decision.allowed) throw new Problem('policy_denied', { reasons: decision.reasons });
  const isSame =
    asked.alsoNamed === null || isSameModel(house, point, { asked, version, name: asked.alsoNamed });
  if (!isSame || !version.capabilities.includes(capability))
    throw new Problem('invalid_parameter', { param: 'model' });
  return mint({ asked, version, decision });
}

/** By the owner's table, and by what law says of the labels and of the credential. */
function decide(point: PolicyDecisionPoint, asked: AnyAsked, version: ModelVersion): Decision {
  const { labels, consents } = asked.context;
  const { tenant } = asked.caller;
  const decision = point.decide(policyRequest(asked, version));
  const labelled = boundByLabels(decision, { labels, consents, tier: tenant.tier });
  return boundByCredential(labelled, credentialled(asked));
}

const credentialled = ({ caller: { credentialTier }, context: { purpose, dataClass } }: AnyAsked) => ({
  credentialTier,
  purpose,
  dataClass,
});

/**
 * The version of that id; or for a bare model name, of those that can do what is asked, the tenant's pinned version,
 * else all of them, newest first.
 */
function versionsNamed(
  versions: readonly ModelVersion[],
  { model: name, caller }: AnyAsked,
  capability: Capability,
): readonly ModelVersion[] {
  const exact = versions.find((version) => version.id === name);
  if (exact !== undefined) return [exact];
  const family = versions.filter(
    (version) => version.model === name && version.capabilities.includes(capability),
  );
  const pinned = family.find((version) => version.id === caller.tenant.pinnedVersion);
  return pinned === undefined ? family.toSorted((a, b) => b.created - a.created) : [pinned];
}

interface Wanting {
  readonly asked: AnyAsked;
  readonly capability: Capability;
}

/**
 * What to say of a name with no version for this tenant. One under which it may use something else exists for it, and
 * it is told so; the answer is the same whether or not a version that it may not know of could do this.
 */
function objectionToName(house: House, point: PolicyDecisionPoint, { asked, capability }: Wanting): Problem {
  const isKnown = house.models
    .versions()
    .some(
      (version) =>
        version.model === asked.model &&
        !version.capabilities.includes(capability) &&
        mayUse(point, asked.caller.tenant, version),
    );
  return new Problem(isKnown ? 'invalid_parameter' : 'model_not_found', { param: 'model' });
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
  readonly asked: AnyAsked;
  readonly version: ModelVersion;
  readonly name: string;
}

/** Whether a second name means the same model; a version that the tenant may not know of means nothing. */
function isSameModel(house: House, point: PolicyDecisionPoint, { asked, version, name }: Naming): boolean {
  if (name === version.model) return true;
  const other = house.models.versions().find(({ id }) => id === name);
  return other?.model === version.model && mayUse(point, asked.caller.tenant, other);
}

function policyRequest(asked: AnyAsked, version: ModelVersion): PolicyRequest {
  const { tenant } = asked.caller;
  const { context } = asked;
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
