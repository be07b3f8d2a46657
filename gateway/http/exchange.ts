import type { Request, Response } from 'express';
import { asProblem, Problem } from '../domain/problem.ts';
import type { Entry } from '../pipeline/entry.ts';
import { refuse } from '../pipeline/refuse.ts';
import { type Doors, openEntry } from './doors.ts';
import { setLimitHeaders } from './limit-headers.ts';
import { type Plane, presentProblem } from './present-problem.ts';

/** One request on its way through the house. */
export interface Exchange {
  readonly doors: Doors;
  readonly request: Request;
  readonly response: Response;
  readonly entry: Entry;
  /** Tells of the problem that broke off an answer which had begun, for the log; before that it is thrown. */
  readonly report: (problem: Problem) => void;
}

/**
 * A handler whose every end is answered, recorded once and logged: what is thrown becomes the problem of its plane, and
 * a fault that nobody foresaw becomes `internal_error` without detail.
 */
export function exchange(doors: Doors, plane: Plane, handle: (one: Exchange) => Promise<void>) {
  const serve = async (request: Request, response: Response): Promise<void> => {
    const route = String(request.route?.path ?? 'unknown');
    const entry = openEntry(doors, request, route);
    response.setHeader('x-request-id', entry.visibleId);
    response.setHeader('apim-request-id', entry.visibleId);
    let problem: Problem | undefined;
    const report = (brokenOff: Problem) => {
      problem = brokenOff;
    };
    try {
      await handle({ doors, request, response, entry, report });
    } catch (thrown) {
      problem = await recorded(doors, entry, asProblem(thrown));
      setDecisionHeaders(response, entry);
      setLimitHeaders(response, entry.standing);
      presentProblem(response, entry, problem, plane);
    }
    const code = problem?.code ?? null;
    if (code === 'internal_error') doors.log.fault({ id: entry.visibleId, route }, problem?.cause ?? problem);
    const served = { method: request.method, route, status: response.statusCode, ms: entry.latencyMs() };
    doors.house.telemetry.served(served);
    doors.log.request({ id: entry.visibleId, ...served, code });
  };
  return (request: Request, response: Response) => doors.traffic.during(() => serve(request, response));
}

/** Refuses every other method than these on a path, and says which are allowed (RFC 9110 section 15.5.6). */
export function refuseOthers(doors: Doors, plane: Plane, methods: ReadonlySet<'get' | 'post' | 'put'>) {
  const names = [
    ...(methods.has('get') ? ['GET', 'HEAD'] : []),
    ...(methods.has('post') ? ['POST'] : []),
    ...(methods.has('put') ? ['PUT'] : []),
  ];
  return exchange(doors, plane, ({ response }) => {
    response.setHeader('allow', names.join(', '));
    return Promise.reject(new Problem('method_not_allowed'));
  });
}

/** The problem to answer with, once its record is in the ledger; the journey may have put it there already. */
async function recorded(doors: Doors, entry: Entry, problem: Problem): Promise<Problem> {
  return entry.isClosed ? problem : refuse(doors.house, entry, problem);
}

/** Which decision answered, under which policy set; absent when no policy was asked. */
export function setDecisionHeaders(response: Response, entry: Entry): void {
  if (entry.policySet === null || response.headersSent) return;
  response.setHeader('x-stewardgate-decision-id', entry.decisionId);
  response.setHeader('x-stewardgate-policy-set', entry.policySet);
}
