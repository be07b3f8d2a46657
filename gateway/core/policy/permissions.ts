/** What an operator may be permitted to do; `noun:verb`, a closed set. */
export const PERMISSIONS = [
  'tenant:read',
  'tenant:write',
  'key:read',
  'key:write',
  'policy:read',
  'policy:check',
  'audit:read',
  'model:read',
  'preamble:set',
  'usage:read',
] as const;
export type Permission = (typeof PERMISSIONS)[number];
