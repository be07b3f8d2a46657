import type { Duties } from './obligations.ts';

/** What a rule can be narrowed by; the columns of the rule table, in its order. */
export const ATTRIBUTES = [
  'tenant',
  'role',
  'purpose',
  'class',
  'model',
  'stage',
  'action',
  'region',
] as const;
export type Attribute = (typeof ATTRIBUTES)[number];

/** `app` when no human is named behind the request, `human` when one is; read off the principal's prefix. */
export const ROLES = ['app', 'human'] as const;
export type Role = (typeof ROLES)[number];

/** In a cell: every word of the column. Never mixed with others. */
export const ANY = '*';

/** The words a cell admits, exactly as written: no patterns, no prefixes; `['*']` admits all. */
export type Words = readonly string[];

interface Scope extends Readonly<Record<Attribute, Words>> {
  readonly id: string;
  /** Its place in the file, from 0. */
  readonly position: number;
}

export interface AllowRule extends Scope {
  readonly eft: 'allow';
  readonly duties: Duties;
}

export interface DenyRule extends Scope {
  readonly eft: 'deny';
  readonly reason: string;
}

/** One line of the stewards' table. A deny that matches overrides every allow. */
export type Rule = AllowRule | DenyRule;
