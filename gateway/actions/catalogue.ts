import type { Act } from './action.ts';
import { readAuditRecord, searchAuditRecords } from './audit.ts';
import { replaceClientJwks } from './client-keys.ts';
import {
  createTenantClient,
  listTenantClients,
  readTenantClient,
  resumeClient,
  suspendClient,
} from './clients.ts';
import { listTenantIssuers, pinTenantIssuer, removeTenantIssuer } from './issuers.ts';
import { revokeOneKey, rotateOneKey } from './key-life.ts';
import { issueClientKey, listTenantKeys } from './keys.ts';
import { listModelVersions, readPreamble, setVersionPreamble } from './models.ts';
import {
  createTenantPerson,
  issueKeyToPerson,
  listTenantPeople,
  resumePerson,
  suspendPerson,
} from './people.ts';
import { explainDecision, readPolicySet } from './policy.ts';
import { createNewTenant, listAllTenants, readTenant, reinstateTenant, suspendTenant } from './tenants.ts';
import { readTenantUsage } from './usage.ts';

/** Every administrative and compliance act. Nothing else changes the control plane, and `perform` alone runs them. */
export const CATALOGUE: readonly Act[] = [
  listAllTenants,
  createNewTenant,
  readTenant,
  suspendTenant,
  reinstateTenant,
  listTenantClients,
  createTenantClient,
  readTenantClient,
  replaceClientJwks,
  suspendClient,
  resumeClient,
  listTenantKeys,
  issueClientKey,
  rotateOneKey,
  revokeOneKey,
  listTenantIssuers,
  pinTenantIssuer,
  removeTenantIssuer,
  listTenantPeople,
  createTenantPerson,
  issueKeyToPerson,
  suspendPerson,
  resumePerson,
  readTenantUsage,
  listModelVersions,
  readPreamble,
  setVersionPreamble,
  readPolicySet,
  explainDecision,
  searchAuditRecords,
  readAuditRecord,
];
