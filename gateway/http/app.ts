import type { IncomingMessage, ServerResponse } from 'node:http';
import express, { type Express, type NextFunction, type Request, type Response } from 'express';
import { Problem } from '../domain/problem.ts';
import { actRoutes } from './act-routes.ts';
import { objectionToHead } from './ambiguous-headers.ts';
import { type Doors, openEntry } from './doors.ts';
import { exchange } from './exchange.ts';
import { modelRoutes } from './model-routes.ts';
import { operationsOnlyRoutes, operationsRoutes } from './operations-routes.ts';
import { presentProblem } from './present-problem.ts';
import { securityHeaders } from './security-headers.ts';
import { tokenRoutes } from './token-routes.ts';

type Handler = (request: IncomingMessage, response: ServerResponse) => void;

/** Every route of the gateway, the model plane first; what is not here is a recorded 404. */
export function createApp(doors: Doors): Handler {
  const app = trimmed(express());
  const refuse = refuseAmbiguous(doors);
  app.set('trust proxy', [...doors.settings.trustedProxies]);
  app.use(securityHeaders());
  app.use(noStore);
  app.use(refuse);
  app.use(modelRoutes(doors));
  app.use(actRoutes(doors));
  app.use(tokenRoutes(doors));
  app.use(operationsRoutes(doors));
  const notFound = (request: Request, response: Response) =>
    answerProblem(doors, new Problem('not_found'), { request, response });
  app.use(notFound);
  app.use(onFault(doors));
  // Express hands what has no readable path to the last argument, and has by then made both its own kind.
  const outside = (request: Request, response: Response) =>
    refuse(request, response, () => notFound(request, response));
  return (request, response) =>
    app(request as Request, response as Response, () => outside(request as Request, response as Response));
}

interface Ends {
  readonly request: Request;
  readonly response: Response;
}

/** Ends a request that reached no route, in the shape of the plane it was meant for. */
function answerProblem(doors: Doors, problem: Problem, { request, response }: Ends): void {
  const plane = /^\/(admin|audit)\//.test(request.url) ? 'admin' : 'model';
  void exchange(doors, plane, () => Promise.reject(problem))(request, response);
}

/** The same, for a request behind which no other may be read on this connection. */
function answerLast(doors: Doors, problem: Problem, ends: Ends): void {
  ends.response.shouldKeepAlive = false;
  answerProblem(doors, problem, ends);
}

/** The operations listener, for a port that only operators reach; nothing on it is recorded. */
export function createOperationsApp(doors: Doors): Handler {
  const app = trimmed(express());
  app.use(securityHeaders());
  app.use(noStore);
  app.use(operationsOnlyRoutes(doors));
  const notFound = (request: Request, response: Response) =>
    presentProblem(response, openEntry(doors, request, 'unknown'), new Problem('not_found'), 'model');
  app.use(notFound);
  return (request, response) =>
    app(request as Request, response as Response, () => notFound(request as Request, response as Response));
}

/** Express without what a gateway does not use; each costs time on every request. */
function trimmed(app: Express): Express {
  app.set('query parser', false);
  app.set('etag', false);
  app.set('x-powered-by', false);
  app.set('case sensitive routing', true);
  app.set('strict routing', true);
  return app;
}

function noStore(_: Request, response: Response, next: NextFunction): void {
  response.setHeader('cache-control', 'no-store');
  next();
}

function refuseAmbiguous(doors: Doors) {
  return (request: Request, response: Response, next: NextFunction): void => {
    const problem = objectionToHead(request);
    if (problem === undefined) next();
    else answerLast(doors, problem, { request, response });
  };
}

/** What Express itself refuses, such as a path that does not decode, is a bad parameter of the caller. */
function onFault(doors: Doors) {
  return (thrown: unknown, request: Request, response: Response, _next: NextFunction): void => {
    const isCallers = thrown instanceof URIError || (thrown as { status?: number })?.status === 400;
    const problem = isCallers
      ? new Problem('invalid_parameter')
      : new Problem('internal_error', { cause: thrown });
    answerProblem(doors, problem, { request, response });
  };
}
