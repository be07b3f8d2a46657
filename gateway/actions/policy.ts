import { checkPolicy, decisionView, noInput, policyView } from '../contract/admin.ts';
import type { Obligations } from '../core/policy/decision.ts';
import { Problem } from '../domain/problem.ts';
import { look } from './action.ts';
import { theTenant } from './tenants.ts';

export const readPolicySet = look({
  method: 'get',
  path: '/admin/v1/policy',
  summary: 'Read the policy set in force',
  permission: 'policy:read',
  reach: 'owner',
  event: 'admin.policy.read',
  action: 'R',
  input: noInput,
  output: policyView,
  run: async (_, office) => {
    const rules = office.policy.rules();
    const { policySet } = office.policy.current();
    return { answer: { policy_set: policySet, rules }, note: { policySet, rows: rules.length } };
  },
});

export const explainDecision = look({
  method: 'post',
  path: '/admin/v1/policy/check',
  summary: 'Ask what policy would decide, and why; no model is called',
  permission: 'policy:check',
  reach: 'owner',
  event: 'admin.policy.check',
  action: 'E',
  input: checkPolicy,
  output: decisionView,
  run: async (input, office) => {
    const tenant = await theTenant(office.registry, input.tenant);
    const version = office.models.versions().find(({ id }) => id === input.model);
    if (version === undefined) throw new Problem('not_found', { param: 'model' });
    const decision = office.policy.current().decide({
      tenant: tenant.slug,
      tier: tenant.tier,
      region: tenant.region,
      principal: input.human ? 'u:check' : 'a:check',
      purpose: input.purpose,
      dataClass: input.data_class,
      model: version.id,
      stage: version.stage,
      action: input.action,
    });
    const { allowed, matchedRules, reasons, nearestMisses, obligations, policySet } = decision;
    const why = {
      matched_rules: matchedRules,
      reasons,
      nearest_misses: nearestMisses,
      obligations: viewObligations(obligations),
    };
    const answer = {
      allowed,
      policy_set: policySet,
      model_version: version.id,
      stage: version.stage,
      ...why,
    };
    return { answer, note: { tenant: tenant.id, model: version.id, allowed, matchedRules } };
  },
});

function viewObligations(obligations: Obligations): Readonly<Record<string, unknown>> {
  const { redact, deidentify, images, maxTokens, retainDays, humanReviewPercent, alerts } = obligations;
  const bounds = { max_tokens: maxTokens, retain_days: retainDays, human_review_percent: humanReviewPercent };
  return { redact, deidentify, images, ...bounds, alerts };
}
