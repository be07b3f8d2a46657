import assert from 'node:assert/strict';
import type { Problem } from '../../gateway/domain/problem.ts';
import { chatDialect } from '../../gateway/pipeline/chat-dialect.ts';
import { Entry } from '../../gateway/pipeline/entry.ts';
import type { House } from '../../gateway/pipeline/house.ts';
import { journey } from '../../gateway/pipeline/journey.ts';
import type { ModelRequest } from '../../gateway/pipeline/model-request.ts';
import type { Answer } from '../../gateway/pipeline/settle.ts';
import { bodyOf, type Question } from './ask.ts';

/** A model request as the HTTP floor would hand it over, whose caller leaves when the test says so. */
export interface HeldRequest {
  readonly entry: Entry;
  readonly request: ModelRequest;
  /** The caller leaves. */
  leave(): void;
  /** What the model still owes is no longer waited for; with a problem, because the gateway stops. */
  cancel(reason?: Problem): void;
}

export function heldRequest(
  house: House,
  key: string,
  question: Question,
  idempotencyKey?: string,
): HeldRequest {
  const gone = new AbortController();
  const cancel = new AbortController();
  const nothing = { purpose: undefined, dataClass: undefined, user: undefined };
  return {
    entry: new Entry(house, { method: 'POST', route: '/v1/chat/completions', sourceIp: '127.0.0.1' }),
    request: {
      credentials: { authorization: undefined, apiKey: key, proof: undefined },
      context: { ...nothing, patientRef: undefined, labels: undefined, consent: undefined },
      address: '127.0.0.1',
      method: 'POST',
      path: '/v1/chat/completions',
      readBody: async () => bodyOf(question),
      dialect: chatDialect,
      named: undefined,
      route: '/v1/chat/completions',
      keys: { idempotencyKey, clientRequestId: undefined },
      gone: gone.signal,
      cancel: cancel.signal,
      giveUp: () => cancel.abort(),
    },
    leave: () => gone.abort(),
    cancel: (reason) => cancel.abort(reason),
  };
}

/** The answer to a request that is no duplicate. */
export async function answerTo(house: House, entry: Entry, request: ModelRequest): Promise<Answer> {
  const answer = await journey(house, entry, request);
  assert.ok(!answer.isRepeat);
  return answer;
}
