import { type Request, Router } from 'express';
import type { Act } from '../actions/action.ts';
import { CATALOGUE } from '../actions/catalogue.ts';
import { perform } from '../actions/perform.ts';
import { Problem } from '../domain/problem.ts';
import { goodCredential } from '../pipeline/identify.ts';
import type { Doors } from './doors.ts';
import { doorstepOf } from './doorstep.ts';
import { type Exchange, exchange, refuseOthers } from './exchange.ts';
import { readJsonBody } from './read-body.ts';
import { sendJson } from './send-json.ts';

/** The admin and audit planes: one route for each act of the catalogue, all through `perform`. */
export function actRoutes(doors: Doors): Router {
  const router = Router({ caseSensitive: true, strict: true });
  for (const act of CATALOGUE)
    router[act.method](
      act.path,
      exchange(doors, 'admin', (one) => serve(one, act)),
    );
  for (const [path, acts] of Map.groupBy(CATALOGUE, (act) => act.path)) {
    router.all(path, refuseOthers(doors, 'admin', new Set(acts.map((act) => act.method))));
  }
  return router;
}

async function serve({ doors, request, response, entry }: Exchange, act: Act): Promise<void> {
  const { holder } = await goodCredential(doors.house, entry, doorstepOf(request));
  if (holder.kind !== 'operator') throw new Problem('insufficient_scope');
  const actor = { ...holder.operator, tenant: holder.tenant };
  const answer = await perform(doors.office, entry, act, actor, await inputOf(request));
  response.status(act.status);
  sendJson(response, answer);
}

/** Query, path and body as one object. Throws `invalid_parameter` when a name comes twice. */
async function inputOf(request: Request): Promise<Record<string, unknown>> {
  const hasBody =
    request.headers['content-length'] !== undefined || request.headers['transfer-encoding'] !== undefined;
  const isEmpty = request.headers['content-length'] === '0';
  const body = hasBody && !isEmpty && request.method !== 'GET' ? await readJsonBody(request) : {};
  const query = new URL(request.originalUrl, 'http://gateway.invalid').searchParams;
  const pairs = [...query, ...Object.entries(request.params), ...Object.entries(body)];
  const input = new Map<string, unknown>();
  for (const [name, value] of pairs) {
    if (input.has(name)) throw new Problem('invalid_parameter', nameOf(name));
    input.set(name, value);
  }
  // Not by assignment: a name may be `__proto__`, and must then be seen and refused.
  return Object.fromEntries(input);
}

const nameOf = (name: string) => (/^[a-z_]{1,32}$/.test(name) ? { param: name } : {});
