import type { Logger } from '../../gateway/adapters/telemetry/logger.ts';

type RequestLine = Parameters<Logger['request']>[0];

/** Keeps what would be logged, and prints nothing. */
export interface KeptLog extends Logger {
  readonly requests: RequestLine[];
  readonly faults: { readonly id: string; readonly route: string; readonly fault: unknown }[];
  readonly notices: string[];
}

export function keptLog(): KeptLog {
  const log: Pick<KeptLog, 'requests' | 'faults' | 'notices'> = { requests: [], faults: [], notices: [] };
  return {
    ...log,
    request: (line) => void log.requests.push(line),
    fault: (where, fault) => void log.faults.push({ ...where, fault }),
    notice: (event) => void log.notices.push(event),
    flush: () => {},
  };
}
