import type { Response } from 'express';

/** Answers a value as JSON; whoever calls it has shaped every field. */
export function sendJson(response: Response, body: unknown): void {
  response.setHeader('content-type', 'application/json; charset=utf-8');
  response.end(JSON.stringify(body));
}
