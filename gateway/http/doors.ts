import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Request } from 'express';
import type { Office } from '../actions/office.ts';
import { isTraceableRequestId } from '../domain/ids.ts';
import { Entry } from '../pipeline/entry.ts';
import type { House } from '../pipeline/house.ts';
import type { IssuingDesk } from '../pipeline/issuing-desk.ts';
import { isPlainWord } from '../pipeline/plain-word.ts';
import type { Traffic } from './traffic.ts';

/** What the HTTP floor is given: the data plane, the control plane, who issues tokens, and what operations show. */
export interface Doors {
  readonly house: House;
  readonly office: Office;
  readonly issuing: IssuingDesk;
  readonly operations: Operations;
  readonly log: Log;
  readonly settings: HttpSettings;
  readonly traffic: Traffic;
}

export interface HttpSettings {
  /** Origin for links, never taken from the Host header. */
  readonly publicUrl: () => string;
  readonly trustedProxies: readonly string[];
  readonly version: string;
  /** Whether the routes of the retired Azure AI Inference SDK are served too. */
  readonly legacyModelsRoute: boolean;
}

export interface Operations {
  /** Every part that must work before requests can be answered, by name. */
  readonly readiness: () => Readonly<Record<string, boolean>>;
  /** Answers with the Prometheus exposition; undefined when telemetry is off. */
  readonly metrics: ((request: IncomingMessage, response: ServerResponse) => void) | undefined;
}

/** Codes and ids only: there is no way to log a request. */
export interface Log {
  request(line: {
    id: string;
    method: string;
    route: string;
    status: number;
    ms: number;
    code: string | null;
  }): void;
  fault(line: { id: string; route: string }, fault: unknown): void;
}

/** Opens the file of a request; the route is the template that matched, never the path as sent. */
export function openEntry(doors: Doors, request: Request, route: string): Entry {
  const sent = request.headers['x-request-id'];
  const traceId = doors.house.telemetry.traceId();
  const agent = productOf(request.headers['user-agent'] ?? '');
  return new Entry(doors.house, {
    method: request.method,
    route,
    sourceIp: request.ip ?? '',
    ...(typeof sent === 'string' && isTraceableRequestId(sent) ? { correlationId: sent } : {}),
    ...(traceId === null ? {} : { traceId }),
    ...(agent === undefined ? {} : { agent }),
  });
}

/** The first product of a `User-Agent` (RFC 9110 section 10.1.5); what is written more freely than that is not kept. */
function productOf(userAgent: string): string | undefined {
  const product = /^[A-Za-z][A-Za-z-]{0,23}\/(?:JS )?[0-9A-Za-z.+-]{1,23}(?= |$)/.exec(userAgent)?.[0];
  return product !== undefined && isPlainWord(product) ? product : undefined;
}
