/** What an operator may be permitted to do; a closed set. */
export const PERMISSIONS = [
  'tenant:read',
  'tenant:write',
  'client:read',
  'client:write',
  'key:read',
  /** Keys of clients; for those of the environment `live`, `key:live` as well. */
  'key:write',
  'key:live',
  /** A tenant's people, and their keys. */
  'person:read',
  'person:write',
  'policy:read',
  'policy:check',
  'audit:read',
  'model:read',
  'preamble:set',
  'usage:read',
] as const;
export type Permission = (typeof PERMISSIONS)[number];

/** What a tenant's own people may be permitted, each within its tenant; the rest is for the owner's people alone. */
export const TENANT_PERMISSIONS: readonly Permission[] = [
  'tenant:read',
  'client:read',
  'client:write',
  'key:read',
  'key:write',
  'key:live',
  'person:read',
  'person:write',
  'audit:read',
  'usage:read',
];
