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
  const record = entry.close({ outcome, httpStatus, errorCode: problem.code }, problem);
  const usage = entry.isDecided ? entry.usageLine(readingOf(entry, problem), outcome) : undefined;
  await entry.release(tokensScanned(entry, problem));
  house.telemetry.settled(outcome, problem.code);
  const isCounted = !entry.isAuthenticated && !house.refusals.deservesOwnRecord(entry.address, problem.code);
  if (isCounted) return problem;
  try {
    await house.ledger.append(record, usage);
    return problem;
  } catch (unavailable) {
    return asProblem(unavailable);
  }
}

/**
 * Scanning a prompt costs the gateway, so one refused for what it holds counts against the allowance, though nobody is
 * billed: given back, its tokens would let one tenant keep the process busy for nothing.
 */
function tokensScanned(entry: Entry, problem: Problem): number {
  return problem.code === 'undeclared_phi' ? Math.ceil(entry.scannedBytes / BYTES_PER_TOKEN) : 0;
}

const BYTES_PER_TOKEN = 4;

/** A prompt that the host's content filter refused is billed all the same; any other call that gave nothing is not. */
function readingOf(entry: Entry, problem: Problem): MeterReading {
  return readMeter({
    reported: undefined,
    wasAsked: problem.code === 'content_filter',
    callerLeft: false,
    promptBytes: entry.promptBytes,
    answerCharacters: 0,
  });
}
