import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type Request, type Response, Router } from 'express';
import { CATALOGUE } from '../actions/catalogue.ts';
import { openApiDocument } from '../contract/openapi.ts';
import type { Doors } from './doors.ts';
import { sendJson } from './send-json.ts';

/** What operators and tools ask: no credentials, no content, not in the ledger. */
export function operationsRoutes(doors: Doors): Router {
  const router = Router({ caseSensitive: true, strict: true });
  healthRoutes(router, doors);
  router.get('/metrics', (request, response, next) =>
    isLocal(request) ? metrics(doors, request, response) : next(),
  );
  router.get('/openapi.json', (_, response) =>
    sendJson(response, openApiDocument(doors.settings, CATALOGUE)),
  );
  docsRoutes(router);
  return router;
}

/** The second listener: everything on it is for operators, so nothing asks where they come from. */
export function operationsOnlyRoutes(doors: Doors): Router {
  const router = Router({ caseSensitive: true, strict: true });
  healthRoutes(router, doors);
  router.get('/metrics', (request, response) => metrics(doors, request, response));
  return router;
}

function healthRoutes(router: Router, doors: Doors): void {
  router.get('/healthz', (_, response) => sendJson(response, { status: 'ok' }));
  router.get('/readyz', (_, response) => {
    const parts = doors.operations.readiness();
    const isReady = Object.values(parts).every(Boolean);
    response.status(isReady ? 200 : 503);
    sendJson(response, { status: isReady ? 'ready' : 'not ready', parts });
  });
}

function metrics(doors: Doors, request: Request, response: Response): void {
  if (doors.operations.metrics !== undefined) doors.operations.metrics(request, response);
  else response.status(503).type('text/plain').end('telemetry is off\n');
}

/** A peer on this machine that speaks for itself: a proxy beside us forwards strangers, so it does not count. */
function isLocal(request: Request): boolean {
  const peer = request.socket.remoteAddress ?? '';
  const isForwarded =
    request.headers['x-forwarded-for'] !== undefined || request.headers.forwarded !== undefined;
  return !isForwarded && (peer === '::1' || /^(::ffff:)?127\./.test(peer));
}

function docsRoutes(router: Router): void {
  const assets = dirname(fileURLToPath(import.meta.resolve('swagger-ui-dist/package.json')));
  const page = { root: join(import.meta.dirname, 'docs') };
  router.get('/docs', (_, response) => response.sendFile('index.html', page));
  router.get('/docs/start.js', (_, response) => response.sendFile('start.js', page));
  for (const name of ['swagger-ui.css', 'swagger-ui-bundle.js']) {
    router.get(`/docs/${name}`, (_, response) => response.sendFile(name, { root: assets }));
  }
}
