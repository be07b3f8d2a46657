import { PERMISSIONS, type Permission, TENANT_PERMISSIONS } from '../../core/policy/permissions.ts';
import { readTable, type Table } from '../../core/policy/table.ts';
import { Problem } from '../../domain/problem.ts';
import { isOneOf, ROLES, type Role, TENANT_ROLES } from '../../domain/vocabulary.ts';
import { buildEngine, type Engine } from './build-engine.ts';
import { requireModel } from './require-model.ts';

export interface OperatorPolicySource {
  /** The text of `operators.conf`. */
  readonly modelText: string;
  /** The text of `operators.csv`. */
  readonly rulesText: string;
}

/**
 * May an operator of that role do that? Decided by Casbin from an immutable table that was tried on every pair before
 * this returns; throws `policy_invalid` otherwise. The function given never throws: what cannot be decided is a no.
 */
export function createOperatorPermissions(
  source: OperatorPolicySource,
): (role: Role, permission: Permission) => boolean {
  requireModel(source.modelText, OPERATOR_MODEL);
  const rows = readRows(source.rulesText);
  const engine = buildEngine({ modelText: source.modelText, rows });
  requireEveryPair(engine, rows);
  return (role, permission) => {
    if (!isOneOf(ROLES, role) || !isOneOf(PERMISSIONS, permission)) return false;
    try {
      return engine.match([role, permission]).allowed;
    } catch {
      return false;
    }
  };
}

const OPERATOR_MODEL = `
[request_definition]
r = role, permission
[policy_definition]
p = role, permission, eft
[policy_effect]
e = some(where (p.eft == allow)) && !some(where (p.eft == deny))
[matchers]
m = p.role == r.role && p.permission == r.permission
`;

const COLUMNS = ['role', 'permission', 'eft'] as const;

function readRows(text: string): readonly (readonly string[])[] {
  const table = readTable(text, COLUMNS);
  const reasons = [...table.reasons, ...faultsOf(table)];
  if (reasons.length > 0) throw new Problem('policy_invalid', { reasons: reasons.slice(0, 50) });
  return table.rows.map(({ cells }) => [cells.role, cells.permission, cells.eft]);
}

function faultsOf({ rows }: Table<(typeof COLUMNS)[number]>): readonly string[] {
  const seen = new Set<string>();
  return rows.flatMap(({ line, cells }) => {
    const pair = `${cells.role} ${cells.permission}`;
    const faults = [
      ...(isOneOf(ROLES, cells.role) ? [] : ['role']),
      ...(isOneOf(PERMISSIONS, cells.permission) ? [] : ['permission']),
      ...(isBeyondTenants(cells) ? ['beyond_tenants'] : []),
      ...(cells.eft === 'allow' || cells.eft === 'deny' ? [] : ['eft']),
      ...(seen.has(pair) ? ['repeated'] : []),
    ];
    seen.add(pair);
    return faults.map((fault) => `line ${line}: ${fault}`);
  });
}

/** Whether a role within a tenant would be allowed what concerns all tenants. */
function isBeyondTenants({
  role,
  permission,
}: {
  readonly role: string;
  readonly permission: string;
}): boolean {
  return isOneOf(TENANT_ROLES, role) && !isOneOf<string>(TENANT_PERMISSIONS, permission);
}

function requireEveryPair(engine: Engine, rows: readonly (readonly string[])[]): void {
  const allowed = new Set(
    rows.filter(([, , eft]) => eft === 'allow').map(([role, word]) => `${role} ${word}`),
  );
  const wrong = ROLES.flatMap((role) =>
    PERMISSIONS.filter((word) => engine.match([role, word]).allowed !== allowed.has(`${role} ${word}`)),
  );
  if (wrong.length > 0) throw new Problem('policy_invalid', { reasons: ['sentinel: differs'] });
}
