import { chatDialect } from '../../gateway/pipeline/chat-dialect.ts';
import { Entry } from '../../gateway/pipeline/entry.ts';
import type { House } from '../../gateway/pipeline/house.ts';
import type { ModelRequest } from '../../gateway/pipeline/model-request.ts';
import { bodyOf, type Question } from './ask.ts';

/** A model request as the HTTP floor would hand it over, whose caller leaves when the test says so. */
export interface HeldRequest {
  readonly entry: Entry;
  readonly request: ModelRequest;
  /** The caller leaves. */
  leave(): void;
  /** What the model still owes is no longer waited for. */
  cancel(): void;
}

export function heldRequest(house: House, key: string, question: Question): HeldRequest {
  const gone = new AbortController();
  const cancel = new AbortController();
  const nothing = { purpose: undefined, dataClass: undefined, user: undefined };
  return {
    entry: new Entry(house, { method: 'POST', route: '/v1/chat/completions', sourceIp: '127.0.0.1' }),
    request: {
      credentials: { authorization: undefined, apiKey: key },
      context: { ...nothing, patientRef: undefined, labels: undefined, consent: undefined },
      address: '127.0.0.1',
      readBody: async () => bodyOf(question),
      dialect: chatDialect,
      named: undefined,
      gone: gone.signal,
      cancel: cancel.signal,
      giveUp: () => cancel.abort(),
    },
    leave: () => gone.abort(),
    cancel: () => cancel.abort(),
  };
}
