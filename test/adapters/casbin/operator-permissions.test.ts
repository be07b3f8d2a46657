import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createOperatorPermissions } from '../../../gateway/adapters/casbin/operator-permissions.ts';
import {
  PERMISSIONS,
  type Permission,
  TENANT_PERMISSIONS,
} from '../../../gateway/core/policy/permissions.ts';
import { Problem } from '../../../gateway/domain/problem.ts';
import { ROLES, type Role } from '../../../gateway/domain/vocabulary.ts';
import { policyText } from '../../policies/shipped-policy.ts';

const MAY: Readonly<Record<Role, readonly Permission[]>> = {
  owner: PERMISSIONS,
  author: ['policy:read', 'policy:check', 'tenant:read', 'client:read', 'model:read'],
  approver: ['policy:read', 'policy:check', 'tenant:read', 'client:read'],
  auditor: ['audit:read', 'policy:read', 'tenant:read', 'client:read', 'usage:read', 'model:read'],
  billing: ['usage:read', 'tenant:read', 'client:read'],
  modelSteward: ['model:read', 'preamble:set', 'policy:read'],
  tenant_admin: TENANT_PERMISSIONS,
  tenant_developer: ['tenant:read', 'client:read', 'key:read', 'key:write', 'usage:read', 'audit:read'],
  tenant_viewer: ['tenant:read', 'client:read', 'key:read', 'person:read', 'usage:read', 'audit:read'],
};

for (const role of ROLES) {
  test(`${role} may exactly what is written, over every permission`, () => {
    const may = createOperatorPermissions({
      modelText: policyText('operators.conf'),
      rulesText: policyText('operators.csv'),
    });
    for (const permission of PERMISSIONS)
      assert.equal(may(role, permission), MAY[role].includes(permission), permission);
  });
}

test('a role or permission outside the closed sets is refused, however it is dressed', () => {
  const may = createOperatorPermissions({
    modelText: policyText('operators.conf'),
    rulesText: policyText('operators.csv'),
  });
  for (const [role, permission] of [
    ['Owner', 'audit:read'],
    ['*', 'audit:read'],
    ['owner', '*'],
    ['owner', 'audit:*'],
    ['owner', 'audit:read '],
    [['owner'], 'audit:read'],
    [{ toString: () => 'owner' }, 'audit:read'],
    ['', ''],
    [undefined, undefined],
    ['__proto__', 'audit:read'],
  ]) {
    assert.equal(may(role as Role, permission as Permission), false);
  }
});

for (const [what, row, reason] of [
  ['an unknown role', 'root, audit:read, allow', 'line 2: role'],
  ['an unknown permission', 'owner, audit:*, allow', 'line 2: permission'],
  ['a capital eft', 'owner, audit:read, Allow', 'line 2: eft'],
  ['a missing eft', 'owner, audit:read', 'line 2: columns'],
  ['a pair twice', 'owner, audit:read, allow\nowner, audit:read, deny', 'line 3: repeated'],
  [
    'a tenant’s role with what concerns all tenants',
    'tenant_admin, tenant:write, allow',
    'line 2: beyond_tenants',
  ],
  ['a tenant’s role that sets policy', 'tenant_viewer, policy:read, deny', 'line 2: beyond_tenants'],
  ['no rows', '', 'rows: none'],
] as const) {
  test(`an operators' table is refused for ${what}`, () => {
    const rulesText = `role, permission, eft\n${row}`;
    assert.throws(
      () => createOperatorPermissions({ modelText: policyText('operators.conf'), rulesText }),
      (thrown) => thrown instanceof Problem && thrown.reasons.includes(reason),
    );
  });
}

test('a model other than the one in the program is refused', () => {
  const modelText = policyText('operators.conf').replace('p.role == r.role &&', '');
  assert.throws(
    () => createOperatorPermissions({ modelText, rulesText: policyText('operators.csv') }),
    (thrown) => thrown instanceof Problem && thrown.reasons.includes('model: statement 8'),
  );
});
