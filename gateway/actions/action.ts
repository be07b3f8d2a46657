import type { Output, Schema } from '../contract/parse.ts';
import type { AuditRecord } from '../core/ledger/audit-record.ts';
import type { Permission } from '../core/policy/permissions.ts';
import type { Actor, AdminDesk, Office } from './office.ts';

/** What an act gives: its answer, and what the audit record says of it by ids, codes and counts. */
export interface Done {
  readonly answer: unknown;
  readonly note: Readonly<Record<string, unknown>>;
}

/** One row of the catalogue: an act, who may do it, what it takes, and how the ledger names it. */
export interface Act {
  readonly kind: 'read' | 'change';
  readonly method: 'get' | 'post' | 'put';
  readonly path: string;
  readonly summary: string;
  readonly permission: Permission;
  /**
   * How far a tenant's own people reach: not at all, the tenant that the input names when it is theirs, or what the act
   * itself finds to be theirs.
   */
  readonly reach: 'owner' | 'named tenant' | 'own';
  readonly event: string;
  readonly action: AuditRecord['action'];
  readonly status: 200 | 201;
  readonly input: Schema;
  readonly output: Schema;
  readonly run: (input: unknown, scene: Scene) => Promise<Done>;
}

export interface Scene {
  readonly office: Office;
  readonly actor: Actor;
  /** Only a change has a desk: what it writes commits together with its audit record. */
  readonly desk: AdminDesk | undefined;
}

type Row<S extends Schema> = Omit<Act, 'kind' | 'input' | 'run' | 'status'> & {
  readonly input: S;
};

/** A look: nothing changes; that somebody looked is recorded. */
export function look<S extends Schema>(
  row: Row<S> & { readonly run: (input: Output<S>, office: Office, actor: Actor) => Promise<Done> },
): Act {
  return {
    ...row,
    kind: 'read',
    status: 200,
    run: (input, { office, actor }) => row.run(input as Output<S>, office, actor), // `perform` has parsed it by this row's schema
  };
}

/** A change: runs in a transaction with its audit record. */
export function change<S extends Schema>(
  row: Row<S> & {
    readonly status: 200 | 201;
    readonly run: (input: Output<S>, desk: AdminDesk, scene: Scene) => Promise<Done>;
  },
): Act {
  const run: Act['run'] = (input, scene) => {
    if (scene.desk === undefined) throw new Error('a change runs in a transaction');
    return row.run(input as Output<S>, scene.desk, scene); // parsed by `perform`, as above
  };
  return { ...row, kind: 'change', run };
}
