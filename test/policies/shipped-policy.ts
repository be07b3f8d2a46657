import { readdirSync, readFileSync } from 'node:fs';
import { createDecisionPoint } from '../../gateway/adapters/casbin/decision-point.ts';
import type { PolicyDecisionPoint, PolicyRequest } from '../../gateway/core/policy/decision.ts';

const FOLDER = new URL('../../policies/', import.meta.url);

export function policyText(name: string): string {
  return readFileSync(new URL(name, FOLDER), 'utf8');
}

export function caseFiles(): readonly string[] {
  return readdirSync(new URL('cases/', FOLDER)).filter((name) => name.endsWith('.csv'));
}

/** The policy as shipped; a fault behind a deny fails the test at once. */
export function shippedDecisionPoint(): PolicyDecisionPoint {
  return decisionPointOf(policyText('stewardship.csv'));
}

export function decisionPointOf(rulesText: string): PolicyDecisionPoint {
  return createDecisionPoint({
    modelText: policyText('model.conf'),
    rulesText,
    tenants: [
      { slug: 'mayo', tier: 'owner' },
      { slug: 'northwind', tier: 'covered-entity' },
      { slug: 'lakeside', tier: 'research' },
      { slug: 'summit', tier: 'payer' },
    ],
    onFault: (fault) => {
      throw fault;
    },
  });
}

export const HEADER = 'id,tenant,role,purpose,class,model,stage,action,region,eft,obligations';

/** A rule table of these rows, with the header. */
export function table(...rows: readonly string[]): string {
  return [HEADER, ...rows].join('\n');
}

/** An allow that no sentinel objects to; the line most tests vary. */
export const PLAIN_ALLOW =
  'plain,tier:payer,*,HPAYMT,limited,*,ga,infer|stream,US,allow,redact=safe-harbor;deidentify=deidentify';

export function payerRequest(change: Partial<PolicyRequest> = {}): PolicyRequest {
  return {
    tenant: 'summit',
    tier: 'payer',
    principal: 'a:cli_1',
    purpose: 'HPAYMT',
    dataClass: 'limited',
    model: 'mayo-cr-1',
    stage: 'ga',
    action: 'infer',
    region: 'US',
    ...change,
  };
}
