import { askUsage, usageList } from '../contract/usage.ts';
import { at, type Instant, isoTime } from '../domain/clock.ts';
import { Problem } from '../domain/problem.ts';
import { look } from './action.ts';
import { theTenant } from './tenants.ts';

const DAY_MS = 86_400_000;
const DAYS_DEFAULT = 30;
const DAYS_MAX = 366;

export const readTenantUsage = look({
  method: 'get',
  path: '/admin/v1/tenants/:tenant/usage',
  summary: "Read a tenant's usage, by day and model version",
  permission: 'usage:read',
  reach: 'named tenant',
  event: 'admin.usage.read',
  action: 'R',
  input: askUsage,
  output: usageList,
  run: async ({ tenant: slug, ...asked }, office) => {
    const tenant = await theTenant(office.registry, slug);
    const { first, last } = daysAsked(asked, office.clock.now());
    const period = { from: at(first), to: at(last + DAY_MS) };
    const rows = await office.audit.usageByDay({ tenantId: tenant.id, ...period });
    const data = rows.map((row) => ({
      day: row.day,
      model_version: row.modelVersion,
      requests: row.requests,
      tokens_in: row.tokensIn,
      tokens_cached_in: row.tokensCachedIn,
      tokens_out: row.tokensOut,
      tokens_reasoning: row.tokensReasoning,
    }));
    const days = { from: dayOf(first), to: dayOf(last) };
    return { answer: { ...days, data }, note: { tenant: tenant.id, ...days, rows: data.length } };
  },
});

/** The first moments of the first and the last day. Throws `invalid_parameter` for a period that ends early or is too long. */
function daysAsked(
  asked: { readonly from?: string | undefined; readonly to?: string | undefined },
  now: Instant,
) {
  const last = asked.to === undefined ? now - (now % DAY_MS) : Date.parse(asked.to);
  const first = asked.from === undefined ? last - DAYS_DEFAULT * DAY_MS : Date.parse(asked.from);
  if (first > last || last - first > DAYS_MAX * DAY_MS)
    throw new Problem('invalid_parameter', { param: 'from' });
  return { first, last };
}

const dayOf = (ms: number) => isoTime(at(ms)).slice(0, 10);
