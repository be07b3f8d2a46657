import type { HeldKey } from '../pipeline/held-key.ts';
import type { Repeat } from '../pipeline/once.ts';
import type { Exchange } from './exchange.ts';

/** What is being written, gathered for a duplicate that may come. */
export interface AnswerCopy {
  /** False for a request without a key: nothing is gathered then. */
  readonly isWanted: boolean;
  add(text: string): void;
  /**
   * To be done once all of it is gathered and before the last of it leaves. An answer that storage does not take goes
   * out all the same: its caller has been charged for it. Never throws.
   */
  keep(): Promise<void>;
}

export function copyUnder(key: HeldKey | null, { doors, entry, response }: Exchange): AnswerCopy {
  return {
    isWanted: key !== null,
    add: (text) => key?.add(text),
    async keep() {
      const headers = Object.fromEntries(Object.entries(response.getHeaders()).filter(isOfAnswer));
      try {
        await key?.keep({ status: response.statusCode, headers });
      } catch (fault) {
        doors.log.fault({ id: entry.visibleId, route: 'replay' }, fault);
      }
    },
  };
}

/** The rest belongs to one exchange: ids, limits as they stood, what every response carries. */
const OF_ANSWER = /^(content-type|cache-control|x-accel-buffering|x-stewardgate-[a-z-]+)$/;

function isOfAnswer(header: [string, unknown]): header is [string, string] {
  return OF_ANSWER.test(header[0]) && typeof header[1] === 'string';
}

/** Writes an answer again as it was, under the id of the request that came now. */
export function sendRepeat({ response }: Exchange, { answer }: Repeat): void {
  response.status(answer.status);
  for (const [name, value] of Object.entries(answer.headers)) response.setHeader(name, value);
  response.setHeader('idempotent-replayed', 'true');
  response.end(answer.body);
}
