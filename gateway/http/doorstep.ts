import type { Request } from 'express';
import type { Doorstep } from '../pipeline/identify.ts';

/** The credential headers of a request and where it comes from; nothing in them has been believed yet. */
export function doorstepOf(request: Request): Doorstep {
  const { authorization } = request.headers;
  const apiKey = request.headers['api-key']?.toString();
  return { credentials: { authorization, apiKey }, address: request.ip ?? '' };
}
