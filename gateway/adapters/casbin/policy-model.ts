/** The one model of the stewardship policy; `policies/model.conf` says the same with comments. */
export const POLICY_MODEL = `
[request_definition]
r = tenant, tier, role, purpose, class, model, stage, action, region
[policy_definition]
p = id, tenant, role, purpose, class, model, stage, action, region, eft
[policy_effect]
e = some(where (p.eft == allow)) && !some(where (p.eft == deny))
[matchers]
m = (p.purpose == r.purpose || p.purpose == "*" || listed(r.purpose, p.purpose)) && \\
    (p.class == r.class || p.class == "*" || listed(r.class, p.class)) && \\
    (p.stage == r.stage || p.stage == "*" || listed(r.stage, p.stage)) && \\
    (p.role == r.role || p.role == "*" || listed(r.role, p.role)) && \\
    (p.model == r.model || p.model == "*" || listed(r.model, p.model)) && \\
    (p.region == r.region || p.region == "*" || listed(r.region, p.region)) && \\
    (p.action == r.action || p.action == "*" || listed(r.action, p.action)) && \\
    (p.tenant == r.tier || p.tenant == r.tenant || p.tenant == "*" || listed(r.tier, p.tenant) || listed(r.tenant, p.tenant))
`;
