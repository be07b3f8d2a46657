import { z } from 'zod';
import { TENANT_ROLES } from '../domain/vocabulary.ts';
import { issuedKey, keyTerms, namedTenant, shownName, status } from './admin.ts';

export const namedPerson = namedTenant.extend({ person: z.string().max(40) });

export const createPerson = namedTenant
  .extend({ name: shownName, role: z.enum(TENANT_ROLES), ...keyTerms })
  .meta({ id: 'CreatePerson' });

export const issuePersonKey = namedPerson.extend(keyTerms).meta({ id: 'IssuePersonKey' });

export const personView = z
  .object({
    id: z.string(),
    tenant_id: z.string().nullable(),
    name: shownName,
    role: z.string(),
    status,
  })
  .meta({ id: 'Person', description: 'A person of a tenant, who works on its admin and audit planes.' });

export const personList = z.object({ data: z.array(personView) }).meta({ id: 'PersonList' });

export const createdPerson = issuedKey.extend({ person: personView }).meta({ id: 'CreatedPerson' });
