import { NO_USAGE } from '../core/metering/usage.ts';
import { asProblem } from '../domain/problem.ts';
import type { AnyPermit } from './admit.ts';
import type { Entry } from './entry.ts';
import type { House } from './house.ts';
import { lapseOf, watchKey } from './key-watch.ts';
import type { AnyRequest } from './model-request.ts';
import { isPlainWord } from './plain-word.ts';
import type { AboutCall, ModelCallSpan } from './telemetry.ts';

interface Asking<R> {
  readonly permit: AnyPermit;
  readonly request: AnyRequest;
  readonly about: Omit<AboutCall, 'version' | 'deployment'>;
  /** The call itself; begun only when the record is durable. */
  readonly ask: () => Promise<R>;
}

interface OnRecord<R> {
  readonly reply: R;
  readonly span: ModelCallSpan;
  /** Runs until it is stopped: the answer may take as long as it likes, the key may not lapse meanwhile. */
  readonly watch: { stop(): void };
}

/** The `decided` record, durable, and only then the call, with the caller's key watched while it runs. */
export async function askOnRecord<R extends { readonly upstreamRequestId: string | null }>(
  house: House,
  entry: Entry,
  { permit, request, about, ask }: Asking<R>,
): Promise<OnRecord<R>> {
  const { asked, version } = permit.grant;
  await house.ledger.append(entry.decided(permit.promptBytes));
  const { id, deployment } = version;
  const span = house.telemetry.modelCall({ ...about, version: id, deployment });
  const askedAt = house.clock.now();
  const watch = watchKey(house, request, asked.caller);
  try {
    const reply = await ask();
    entry.note({ upstreamMs: house.clock.now() - askedAt });
    if (isToken(reply.upstreamRequestId)) entry.note({ upstreamRequestId: reply.upstreamRequestId });
    return { reply, span, watch };
  } catch (thrown) {
    watch.stop();
    const problem = (await lapseOf(house, request, asked.caller)) ?? thrown;
    span.end({ usage: NO_USAGE, errorCode: asProblem(problem).code, finishReasons: [] });
    throw problem;
  }
}

/** The host's own id is kept only when it is plainly an id. */
function isToken(id: string | null): id is string {
  return id !== null && /^[A-Za-z0-9_-]{1,128}$/.test(id) && isPlainWord(id);
}
