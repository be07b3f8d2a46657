import type { Model } from '../contract/models.ts';
import type { ModelVersion } from '../core/models/catalogue.ts';
import type { Tenant } from '../core/tenants/tenant.ts';
import { Problem } from '../domain/problem.ts';
import { CAPABILITIES } from '../domain/vocabulary.ts';
import { mayUse } from './authorize.ts';
import type { Entry } from './entry.ts';
import type { House } from './house.ts';
import { type Doorstep, knock } from './identify.ts';

/**
 * The model versions a tenant may use for any purpose at all, newest first; with an id, that one alone. The bare model
 * name is listed too, as an alias. Nothing else exists for the tenant: throws `model_not_found`.
 */
export async function browse(
  house: House,
  entry: Entry,
  door: Doorstep,
  id?: string,
): Promise<readonly Model[]> {
  entry.note({ eventType: 'model.list', action: 'R' });
  const { tenant } = await knock(house, entry, door, 'model:read');
  const point = house.policy.current();
  entry.note({ policySet: point.policySet });
  const versions = house.models.versions().filter((version) => mayUse(point, tenant, version));
  const listed = [
    ...versions.toSorted((a, b) => b.created - a.created).map(modelOf),
    ...aliases(versions, tenant),
  ];
  const shown = id === undefined ? listed : listed.filter((model) => model.id === id);
  if (id !== undefined && shown.length === 0) throw new Problem('model_not_found', { param: 'model' });
  await house.ledger.append(entry.close({ outcome: 'success', httpStatus: 200 }));
  return shown;
}

function modelOf(version: ModelVersion): Model {
  return {
    id: version.id,
    object: 'model',
    created: version.created,
    owned_by: 'stewardgate',
    stewardgate: {
      model: version.model,
      stage: version.stage,
      capabilities: [...version.capabilities],
      max_output_tokens: version.maxOutputTokens,
    },
  };
}

/** The bare names, each standing for the tenant's pinned or newest version, and able to do what any of its versions can. */
function aliases(versions: readonly ModelVersion[], tenant: Tenant): readonly Model[] {
  const names = [...new Set(versions.map((version) => version.model))];
  return names.flatMap((name) => {
    const family = versions.filter((version) => version.model === name);
    const newest = family.toSorted((a, b) => b.created - a.created)[0];
    const meant = family.find((version) => version.id === tenant.pinnedVersion) ?? newest;
    if (meant === undefined) return [];
    const about = modelOf(meant);
    const capabilities = CAPABILITIES.filter((one) =>
      family.some((version) => version.capabilities.includes(one)),
    );
    return [{ ...about, id: name, stewardgate: { ...about.stewardgate, capabilities } }];
  });
}
