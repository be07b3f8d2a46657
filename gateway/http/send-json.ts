import type { Response } from 'express';

/** Answers a value as JSON; whoever calls it has shaped every field. */
export function sendJson(response: Response, body: unknown): void {
  setJsonType(response);
  response.end(JSON.stringify(body));
}

export function setJsonType(response: Response): void {
  response.setHeader('content-type', 'application/json; charset=utf-8');
}
