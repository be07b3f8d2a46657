import { Problem } from '../../domain/problem.ts';
import type { Decision, Obligations, PolicyDecisionPoint, PolicyRequest } from './decision.ts';
import { readFacts } from './facts.ts';
import { type Duties, readDuties } from './obligations.ts';
import { ROLES } from './rule.ts';
import { type Row, readTable } from './table.ts';

const COLUMNS = [
  'tenant',
  'tier',
  'role',
  'purpose',
  'class',
  'model',
  'stage',
  'action',
  'region',
  'verdict',
  'rules',
  'expect',
] as const;
type Column = (typeof COLUMNS)[number];

/** One row of a truth table: a request and what must come of it. */
export interface PolicyCase {
  readonly line: number;
  readonly request: PolicyRequest;
  readonly allowed: boolean;
  /** Ids of exactly the rules that match, in file order. */
  readonly rules: readonly string[];
  /** Duties that an allow must carry; those not named are not compared. */
  readonly duties: Duties;
  /** Reasons of a deny, in file order. */
  readonly reasons: readonly string[];
}

export interface CaseResult {
  readonly line: number;
  /** The request in one line, such as `northwind covered-entity human TREAT phi mayo-cr-1 ga stream US`. */
  readonly name: string;
  readonly passed: boolean;
  /** What differs, as `verdict: expected allow, got deny`; empty when passed. */
  readonly differences: readonly string[];
}

/** Reads a truth table; all or nothing, as with rules: a fault throws `policy_invalid` naming its line. */
export function parseCases(text: string): readonly PolicyCase[] {
  const table = readTable(text, COLUMNS);
  const read = table.rows.map((row) => caseOf(row) ?? row.line);
  const reasons = read.flatMap((outcome) => (typeof outcome === 'number' ? [`line ${outcome}: case`] : []));
  const refusals = [...table.reasons, ...reasons];
  if (refusals.length > 0) throw new Problem('policy_invalid', { reasons: refusals.slice(0, 50) });
  return read.filter((outcome) => typeof outcome !== 'number');
}

/** Asks the decision point for every row of a truth table. Throws `policy_invalid` for a table that cannot be read. */
export function runCases(point: PolicyDecisionPoint, text: string): readonly CaseResult[] {
  return parseCases(text).map((expected) => {
    const differences = differencesOf(expected, point.decide(expected.request));
    return {
      line: expected.line,
      name: nameOf(expected.request),
      passed: differences.length === 0,
      differences,
    };
  });
}

function caseOf({ line, cells }: Row<Column>): PolicyCase | undefined {
  const request = requestOf(cells);
  const allowed = cells.verdict === 'allow';
  const duties = allowed ? readDuties(cells.expect) : {};
  const known = allowed || cells.verdict === 'deny';
  if (!known || duties === undefined || readFacts(request) === undefined) return undefined;
  if (!isOneOfRoles(cells.role) || (!allowed && !cells.expect.startsWith('reason='))) return undefined;
  return {
    line,
    request,
    allowed,
    rules: listOf(cells.rules),
    duties,
    reasons: allowed ? [] : listOf(cells.expect.slice('reason='.length)),
  };
}

function requestOf(cells: Row<Column>['cells']): PolicyRequest {
  // Every word is checked by `readFacts` before the request is used.
  return {
    tenant: cells.tenant,
    tier: cells.tier,
    principal: cells.role === 'human' ? 'u:case' : 'a:case',
    purpose: cells.purpose,
    dataClass: cells.class,
    model: cells.model,
    stage: cells.stage,
    action: cells.action,
    region: cells.region,
  } as PolicyRequest;
}

function isOneOfRoles(word: string): boolean {
  return ROLES.some((role) => role === word);
}

function listOf(cell: string): readonly string[] {
  return cell === '-' ? [] : cell.split('|');
}

function differencesOf(expected: PolicyCase, got: Decision): readonly string[] {
  return [
    ...differ('verdict', verdict(expected.allowed), verdict(got.allowed)),
    ...differ('rules', expected.rules.join('|'), got.matchedRules.join('|')),
    ...differ('reasons', expected.reasons.join('|'), got.reasons.join('|')),
    ...Object.entries(expected.duties).flatMap(([name, value]) =>
      differ(name, String(value), String(got.obligations[name as keyof Obligations])),
    ),
  ];
}

function differ(what: string, expected: string, got: string): readonly string[] {
  return expected === got ? [] : [`${what}: expected ${expected || 'none'}, got ${got || 'none'}`];
}

function verdict(allowed: boolean): string {
  return allowed ? 'allow' : 'deny';
}

function nameOf(request: PolicyRequest): string {
  const { tenant, tier, principal, purpose, dataClass, model, stage, action, region } = request;
  const role = principal.startsWith('u:') ? 'human' : 'app';
  return [tenant, tier, role, purpose, dataClass, model, stage, action, region].join(' ');
}
