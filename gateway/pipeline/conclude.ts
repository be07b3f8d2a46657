import { outcomeOf } from '../core/ledger/outcome.ts';
import type { MeterReading } from '../core/metering/meter.ts';
import type { TokenUsage } from '../core/metering/usage.ts';
import { asProblem, Problem } from '../domain/problem.ts';
import type { AuditOutcome } from '../domain/vocabulary.ts';
import type { Entry } from './entry.ts';
import type { House } from './house.ts';
import type { AnyRequest } from './model-request.ts';
import type { Repeat } from './once.ts';
import type { ModelCallSpan } from './telemetry.ts';

interface Conclusion {
  readonly request: AnyRequest;
  readonly reading: MeterReading;
  readonly span: ModelCallSpan;
  readonly finishReasons: readonly string[];
  /** What broke the answer off, if anything did. */
  readonly problem: Problem | undefined;
}

/**
 * The end of a request that the model has answered: one usage line, the reservation given back, and the `completed`
 * record durable. Throws `audit_unavailable`.
 */
export async function conclude(
  house: House,
  entry: Entry,
  { request, reading, span, finishReasons, problem }: Conclusion,
): Promise<TokenUsage> {
  const { usage, source } = reading;
  const ending = endingOf(request, problem);
  entry.note({ tokensIn: usage.input, tokensOut: usage.output, usage: { ...usage, source } });
  const record = entry.close(ending, problem);
  span.end({ usage, errorCode: problem?.code ?? null, finishReasons });
  house.telemetry.settled(ending.outcome, problem?.code ?? null);
  const released = entry.release(usage.input + usage.output);
  await house.ledger.append(record, entry.usageLine(reading, ending.outcome));
  await released;
  return usage;
}

/** The end of a duplicate: one record and no usage, for the first request was metered. Throws `audit_unavailable`. */
export async function concludeRepeat(
  house: House,
  entry: Entry,
  request: AnyRequest,
  repeat: Repeat,
): Promise<Repeat> {
  house.telemetry.settled('replayed', null);
  await house.ledger.append(entry.close(endingOf(request, undefined)));
  return repeat;
}

interface Ending {
  readonly outcome: AuditOutcome;
  readonly httpStatus: number;
  readonly errorCode?: string;
}

/** A caller that left is `client_aborted`, with nginx's 499, whatever the model did after. */
function endingOf(request: AnyRequest, problem: Problem | undefined): Ending {
  const code = problem === undefined ? {} : { errorCode: problem.code };
  if (request.gone.aborted) return { outcome: 'client_aborted', httpStatus: 499, ...code };
  if (problem === undefined) return { outcome: 'success', httpStatus: 200 };
  return { outcome: outcomeOf(problem), httpStatus: problem.status, ...code };
}

/** What an aborted call throws is no fault of ours: the signal says why, or the caller has left. */
export function problemOf(thrown: unknown, request: AnyRequest): Problem {
  if (thrown instanceof Problem || !request.cancel.aborted) return asProblem(thrown);
  const { reason } = request.cancel;
  return reason instanceof Problem ? reason : new Problem('request_timeout', { cause: thrown });
}
