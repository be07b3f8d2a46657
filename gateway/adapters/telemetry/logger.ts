import { trace } from '@opentelemetry/api';
import { pino } from 'pino';

/** One JSON line an event, made only of the fields named here: nothing of a request can slip in. */
export interface Logger {
  request(line: RequestLine): void;
  fault(where: { readonly id: string; readonly route: string }, fault: unknown): void;
  notice(event: string, facts?: Readonly<Record<string, string | number | boolean>>): void;
  flush(): void;
}

interface RequestLine {
  readonly id: string;
  readonly method: string;
  readonly route: string;
  readonly status: number;
  readonly ms: number;
  readonly code: string | null;
}

/** Logs to standard error, so that standard output stays for people. */
export function createLogger(level: string): Logger {
  const destination = pino.destination({
    fd: 2,
    sync: false,
    minLength: BUFFER_BYTES,
    periodicFlush: FLUSH_MS,
  });
  const log = pino({ level, base: null, timestamp: pino.stdTimeFunctions.isoTime }, destination);
  return {
    request: ({ id, method, route, status, ms, code }) => {
      trace.getActiveSpan()?.setAttribute('http.route', route);
      log.info({ event: 'request', id, method, route, status, ms, code });
    },
    fault: ({ id, route }, fault) => {
      log.error({ event: 'fault', id, route, ...shapeOf(fault) });
      log.flush();
    },
    notice: (event, facts = {}) => {
      log.info({ event, ...facts });
      log.flush();
    },
    flush: () => log.flush(),
  };
}

/** Request lines leave together: one write each took 8 % of a request. What a person waits for leaves at once. */
const BUFFER_BYTES = 8_192;
const FLUSH_MS = 250;

/** The stack without its head: the message stands there too, and may hold lines that look like places. */
function placesIn({ stack = '', message }: Error): readonly string[] {
  const end = stack.indexOf(message) + message.length;
  return stack
    .slice(stack.includes(message) ? end : stack.length)
    .split('\n')
    .filter((line) => /^\s+at /.test(line));
}

/** A fault's name, code and places in the code; its message may quote what a caller sent, so it is left out. */
function shapeOf(fault: unknown): { readonly name: string; readonly code?: string; readonly at?: string } {
  if (!(fault instanceof Error)) return { name: typeof fault };
  const code = (fault as NodeJS.ErrnoException).code;
  const frames = placesIn(fault);
  return { name: fault.name, ...(code === undefined ? {} : { code }), at: frames.slice(0, 6).join(' |') };
}
