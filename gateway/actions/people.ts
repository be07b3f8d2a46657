import { issuedKey, namedTenant } from '../contract/admin.ts';
import type { Output } from '../contract/parse.ts';
import {
  createdPerson,
  createPerson,
  issuePersonKey,
  namedPerson,
  personList,
  personView,
} from '../contract/people.ts';
import type { Operator, TenantStatus } from '../core/tenants/tenant.ts';
import type { PersonCard, TenantReader } from '../core/tenants/tenant-registry.ts';
import { newId, readId, type TenantId } from '../domain/ids.ts';
import { Problem } from '../domain/problem.ts';
import { type Act, change, look } from './action.ts';
import { newKey } from './keys.ts';
import { requireResumable, suspenderOf } from './suspension.ts';
import { theTenant } from './tenants.ts';
import { viewKey } from './views.ts';

const ALL = '/admin/v1/tenants/:tenant/people';
const ONE = `${ALL}/:person`;
/** A person's key opens these planes alone: what it may do there is by the person's role. */
const TERMS = { environment: 'live', scopes: ['operator'] } as const;

export const listTenantPeople = look({
  method: 'get',
  path: ALL,
  summary: "List a tenant's own people",
  permission: 'person:read',
  reach: 'named tenant',
  event: 'admin.person.list',
  action: 'R',
  input: namedTenant,
  output: personList,
  run: async ({ tenant: slug }, office) => {
    const tenant = await theTenant(office.registry, slug);
    const people = await office.registry.listPeople(tenant.id);
    return { answer: { data: people.map(viewPerson) }, note: { tenant: tenant.id, rows: people.length } };
  },
});

export const createTenantPerson = change({
  method: 'post',
  path: ALL,
  summary: 'Give a person of a tenant a role there, and an API key that is shown once',
  permission: 'person:write',
  reach: 'named tenant',
  event: 'admin.person.create',
  action: 'C',
  status: 201,
  input: createPerson,
  output: createdPerson,
  run: async ({ tenant: slug, name, role, ...terms }, desk, { office, actor }) => {
    const tenant = await theTenant(desk, slug);
    const id = newId('operator', office.ids);
    const person: Operator = { id, tenantId: tenant.id, name, role, status: 'active' };
    const { key, text } = newKey(office, { ...terms, ...TERMS });
    await desk.insertOperator(person);
    await desk.insertKey(key, id, actor.id);
    const answer = { person: viewPerson(person), key: viewKey(key), secret: text };
    return { answer, note: { tenant: tenant.id, person: id, role, key: key.id } };
  },
});

export const issueKeyToPerson = change({
  method: 'post',
  path: `${ONE}/keys`,
  summary: 'Issue an API key to a person of a tenant; the answer shows its secret once',
  permission: 'person:write',
  reach: 'named tenant',
  event: 'admin.person.key.issue',
  action: 'C',
  status: 201,
  input: issuePersonKey,
  output: issuedKey,
  run: async ({ tenant: slug, person: text, ...terms }, desk, { office, actor }) => {
    const tenant = await theTenant(desk, slug);
    const person = await thePerson(desk, tenant.id, text);
    const made = newKey(office, { ...terms, ...TERMS });
    await desk.insertKey(made.key, person.id, actor.id);
    const note = { tenant: tenant.id, person: person.id, key: made.key.id };
    return { answer: { key: viewKey(made.key), secret: made.text }, note };
  },
});

export const suspendPerson = statusAct(
  'suspend',
  'suspended',
  'Suspend a person: their keys stop working within a second',
);
export const resumePerson = statusAct('resume', 'active', 'Let a suspended person work again');

function statusAct(verb: string, status: TenantStatus, summary: string): Act {
  return change({
    method: 'post',
    path: `${ONE}/${verb}`,
    summary,
    permission: 'person:write',
    reach: 'named tenant',
    event: `admin.person.${verb}`,
    action: 'U',
    status: 200,
    input: namedPerson,
    output: personView,
    run: async ({ tenant: slug, person: text }, desk, { actor }) => {
      const tenant = await theTenant(desk, slug);
      const person = await thePerson(desk, tenant.id, text);
      if (status === 'active') requireResumable(person, actor);
      const now = await desk.setOperatorStatus(person.id, status, suspenderOf(actor));
      return { answer: viewPerson(now), note: { tenant: tenant.id, person: person.id, status } };
    },
  });
}

/** Throws `not_found`. */
async function thePerson(registry: TenantReader, tenant: TenantId, text: string): Promise<PersonCard> {
  const id = readId('operator', text);
  const person = id === undefined ? undefined : await registry.findPerson(tenant, id);
  if (person === undefined) throw new Problem('not_found', { param: 'person' });
  return person;
}

function viewPerson({ id, tenantId, name, role, status }: Operator): Output<typeof personView> {
  return { id, tenant_id: tenantId, name, role, status };
}
