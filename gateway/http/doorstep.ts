import type { Request } from 'express';
import type { Doorstep } from '../pipeline/identify.ts';

/** The credential headers of a request, what it is for and where it comes from; nothing in them has been believed yet. */
export function doorstepOf(request: Request): Doorstep {
  const { authorization } = request.headers;
  const apiKey = request.headers['api-key']?.toString();
  const proof = request.headers.dpop?.toString();
  const [path = ''] = request.originalUrl.split('?', 1);
  const { method, ip: address = '' } = request;
  return { credentials: { authorization, apiKey, proof }, address, method, path };
}
