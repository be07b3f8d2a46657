import { objectionToHolder, objectionToKey } from '../core/tenants/judge-key.ts';
import type { KnownCredential } from '../core/tenants/tenant.ts';
import { Problem, type ProblemCode } from '../domain/problem.ts';
import type { House } from './house.ts';
import type { Caller } from './identify.ts';
import type { AnyRequest } from './model-request.ts';

const LOOK_MS = 500;

/** Ends a call under way soon after its key, client, tenant or issuer stops being good, also while the model says nothing. */
export function watchKey(house: House, request: AnyRequest, { known }: Caller): { stop(): void } {
  const look = () => void (house.directory.isStillGood(known) || request.giveUp());
  const timer = setInterval(look, LOOK_MS);
  timer.unref();
  return { stop: () => clearInterval(timer) };
}

/** Why a caller that was let in may not go on, with the code that a new request would get; undefined when it may. */
export async function lapseOf(
  house: House,
  request: AnyRequest,
  { known }: Caller,
): Promise<Problem | undefined> {
  if (house.directory.isStillGood(known)) return undefined;
  const unknown = 'key' in known ? 'invalid_api_key' : 'invalid_token';
  return new Problem((await objectionNow(house, request, known).catch(() => undefined)) ?? unknown);
}

async function objectionNow(
  { directory, clock }: House,
  { address }: AnyRequest,
  known: KnownCredential,
): Promise<ProblemCode | undefined> {
  if ('key' in known) {
    const now = await directory.findKey(known.key.id);
    return now && objectionToKey(now, { now: clock.now(), address });
  }
  const now = await directory.findClient(known.holder.client.id);
  return now && objectionToHolder(now, 'invalid_token');
}
