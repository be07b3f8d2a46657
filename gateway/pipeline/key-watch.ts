import { objectionToKey } from '../core/tenants/judge-key.ts';
import { Problem } from '../domain/problem.ts';
import type { House } from './house.ts';
import type { Caller } from './identify.ts';
import type { AnyRequest } from './model-request.ts';

const LOOK_MS = 500;

/** Ends a call under way soon after its key, client or tenant stops being good, also while the model says nothing. */
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
  const now = await house.directory.findKey(known.key.id).catch(() => undefined);
  const use = { now: house.clock.now(), address: request.address };
  return new Problem((now && objectionToKey(now, use)) ?? 'invalid_api_key');
}
