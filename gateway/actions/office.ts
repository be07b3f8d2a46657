import type { AuditRecord } from '../core/ledger/audit-record.ts';
import type { AuditSearch } from '../core/ledger/audit-search.ts';
import type { Ledger } from '../core/ledger/ledger.ts';
import type { ModelVersion } from '../core/models/catalogue.ts';
import type { ModelRegistry } from '../core/models/model-registry.ts';
import type { PolicyDecisionPoint } from '../core/policy/decision.ts';
import type { Permission } from '../core/policy/permissions.ts';
import type { Keyring } from '../core/tenants/keyring.ts';
import type { Operator, Tenant } from '../core/tenants/tenant.ts';
import type { TenantReader, TenantRegistry } from '../core/tenants/tenant-registry.ts';
import type { Clock } from '../domain/clock.ts';
import type { Ids } from '../domain/ids.ts';
import type { Problem } from '../domain/problem.ts';
import type { AuditOutcome, Role } from '../domain/vocabulary.ts';

/** Everything an administrative or compliance act needs from outside; composed once at start. */
export interface Office {
  readonly clock: Clock;
  readonly ids: Ids;
  readonly keyring: Keyring;
  readonly random: (octets: number) => Uint8Array;
  /** SHA-256, hex. */
  readonly digest: (text: string) => string;
  readonly permits: (role: Role, permission: Permission) => boolean;
  /** Runs the work and appends its audit record in one transaction: both are kept, or neither. */
  readonly change: <T>(work: (desk: AdminDesk) => Promise<Changed<T>>) => Promise<T>;
  readonly registry: TenantReader;
  readonly ledger: Ledger;
  readonly audit: AuditSearch;
  readonly policy: { current(): PolicyDecisionPoint; rules(): readonly Readonly<Record<string, string>>[] };
  readonly models: { versions(): readonly ModelVersion[]; preambleOf(id: string): string | null };
}

/** What an act may change; all of it commits together. */
export interface AdminDesk extends TenantRegistry, ModelRegistry {}

export interface Changed<T> {
  readonly result: T;
  readonly record: AuditRecord;
}

/** Who acts: one of the owner's people, or with a tenant one of that tenant's. */
export interface Actor extends Pick<Operator, 'id' | 'role'> {
  readonly tenant: Pick<Tenant, 'id' | 'slug'> | null;
}

/** The file of the request that carries the act; what it notes becomes the act's audit record. */
export interface ActFile {
  note(facts: {
    readonly eventType?: string;
    readonly action?: AuditRecord['action'];
    readonly admin?: Readonly<Record<string, unknown>>;
    readonly search?: Readonly<Record<string, unknown>>;
  }): void;
  close(
    ending: { readonly outcome: AuditOutcome; readonly httpStatus: number },
    problem?: Problem,
  ): AuditRecord;
  /** The record that `close` gave was never stored. */
  reopen(): void;
}
