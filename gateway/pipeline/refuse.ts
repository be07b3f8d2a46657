import { outcomeOf } from '../core/ledger/outcome.ts';
import { type MeterReading, readMeter } from '../core/metering/meter.ts';
import { asProblem, type Problem } from '../domain/problem.ts';
import type { Entry } from './entry.ts';
import type { House } from './house.ts';

export type Refuser = Pick<House, 'ledger' | 'refusals' | 'telemetry'>;

/**
 * Ends a request that has no answer: gives back what it reserved and writes its one record.
 * Gives the Problem to answer with, which is `audit_unavailable` when even the refusal could not be recorded.
 */
export async function refuse(
  house: Refuser,
  entry: Entry,
  problem: Problem,
  gone?: AbortSignal,
): Promise<Problem> {
  const hasLeft = gone?.aborted === true;
  const outcome = hasLeft ? 'client_aborted' : outcomeOf(problem);
  const httpStatus = hasLeft ? 499 : problem.status;
  const reading = readingOf(entry, problem);
  const { usage } = reading;
  if (entry.isDecided)
    entry.note({
      tokensIn: usage.input,
      tokensOut: usage.output,
      usage: { ...usage, source: reading.source },
    });
  const record = entry.close({ outcome, httpStatus, errorCode: problem.code }, problem);
  const tokensUsed = usage.input + usage.output + tokensScanned(entry, problem);
  await Promise.all([entry.release(tokensUsed), entry.releaseKey()]);
  house.telemetry.settled(outcome, problem.code);
  if (!entry.isDecided && !house.refusals.deservesOwnRecord(entry.source, problem.code)) return problem;
  const recorded = house.ledger.append(
    record,
    entry.isDecided ? entry.usageLine(reading, outcome) : undefined,
  );
  return problem.code === 'audit_unavailable'
    ? withoutWaiting(recorded, problem)
    : recordedOr(recorded, problem);
}

async function recordedOr(recorded: Promise<void>, problem: Problem): Promise<Problem> {
  try {
    await recorded;
    return problem;
  } catch (unavailable) {
    return asProblem(unavailable);
  }
}

/** The caller has waited for the ledger once; the record is kept if the ledger comes back in time for it. */
function withoutWaiting(recorded: Promise<void>, problem: Problem): Problem {
  recorded.catch(() => undefined);
  return problem;
}

/**
 * Scanning a prompt costs the gateway, so one refused for what it holds counts against the allowance, though nobody is
 * billed: given back, its tokens would let one tenant keep the process busy for nothing.
 */
function tokensScanned(entry: Entry, problem: Problem): number {
  return problem.code === 'undeclared_phi' ? Math.ceil(entry.scannedBytes / BYTES_PER_TOKEN) : 0;
}

const BYTES_PER_TOKEN = 4;

/**
 * A prompt that the host's content filter refused is billed all the same, and so is one that the host was given when
 * the caller left or its key lapsed; a call that the host itself failed is not.
 */
function isBilled({ code, status }: Problem): boolean {
  return code === 'content_filter' || status === 401 || status === 403 || status === 408;
}

function readingOf(entry: Entry, problem: Problem): MeterReading {
  return readMeter({
    reported: undefined,
    wasAsked: entry.isDecided && isBilled(problem),
    callerLeft: false,
    promptBytes: entry.promptBytes,
    answerCharacters: 0,
  });
}
