import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Request } from 'express';
import type { Office } from '../actions/office.ts';
import { isTraceableRequestId } from '../domain/ids.ts';
import { Entry } from '../pipeline/entry.ts';
import type { House } from '../pipeline/house.ts';

/** What the HTTP floor is given: the data plane, the control plane, and what operations show. */
export interface Doors {
  readonly house: House;
  readonly office: Office;
  readonly operations: Operations;
  readonly log: Log;
  readonly settings: HttpSettings;
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
  const correlation = typeof sent === 'string' && isTraceableRequestId(sent) ? { correlationId: sent } : {};
  const sourceIp = request.ip ?? '';
  return new Entry(doors.house, { method: request.method, route, sourceIp, ...correlation });
}
