import type { Act } from './action.ts';
import { readAuditRecord, searchAuditRecords } from './audit.ts';
import { createTenantClient, listTenantClients } from './clients.ts';
import { issueClientKey, listTenantKeys, revokeClientKey } from './keys.ts';
import { listModelVersions, readPreamble, setVersionPreamble } from './models.ts';
import { explainDecision, readPolicySet } from './policy.ts';
import { createNewTenant, listAllTenants, readTenant, reinstateTenant, suspendTenant } from './tenants.ts';

/** Every administrative and compliance act. Nothing else changes the control plane, and `perform` alone runs them. */
export const CATALOGUE: readonly Act[] = [
  listAllTenants,
  createNewTenant,
  readTenant,
  suspendTenant,
  reinstateTenant,
  listTenantClients,
  createTenantClient,
  listTenantKeys,
  issueClientKey,
  revokeClientKey,
  listModelVersions,
  readPreamble,
  setVersionPreamble,
  readPolicySet,
  explainDecision,
  searchAuditRecords,
  readAuditRecord,
];
