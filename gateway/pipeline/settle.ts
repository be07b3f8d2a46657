import type { LimitStanding } from '../core/limits/limiter.ts';
import { readMeter } from '../core/metering/meter.ts';
import type { TokenUsage } from '../core/metering/usage.ts';
import type { DroppedTally, ReplyEvent } from '../core/models/upstream.ts';
import { REDACTION_ENGINE } from '../core/redaction/engine.ts';
import { tellsMark } from '../core/redaction/mark-watch.ts';
import { Problem } from '../domain/problem.ts';
import type { Permit } from './admit.ts';
import { conclude, concludeRepeat, problemOf } from './conclude.ts';
import type { Wish } from './dialect.ts';
import type { Entry } from './entry.ts';
import type { HeldKey } from './held-key.ts';
import type { House } from './house.ts';
import { lapseOf } from './key-watch.ts';
import type { ModelRequest } from './model-request.ts';
import type { Repeat } from './once.ts';
import { isPlainWord } from './plain-word.ts';
import type { CleanReply, OutputTally } from './redact.ts';
import { refuse } from './refuse.ts';

/** An answer whose first words are ready; its last ones come only after the `completed` record is durable. */
export interface Answer {
  readonly isRepeat: false;
  readonly versionId: string;
  readonly streamed: boolean;
  readonly systemFingerprint: string | null;
  readonly wantsUsage: boolean;
  /** What the answer gives back of the caller's own request, on a wire that does. */
  readonly echo: NonNullable<Wish['echo']> | null;
  readonly standing: LimitStanding;
  /** Never empty batches; the `finish` events come last, then one `usage`. Throws the Problem that broke the answer off. */
  readonly batches: AsyncGenerator<readonly ReplyEvent[]>;
  /** How many identifiers were replaced; final once the batches have ended. */
  readonly redactions: () => number;
  /** Whoever writes the answer keeps a copy here before its last byte leaves, or releases it. */
  readonly key: HeldKey | null;
}

/**
 * The one exit. Whatever happened, the reservation is settled, the usage is metered once, and the last record is in the
 * ledger before the last byte leaves. Throws the Problem that stopped the request before its first word.
 */
export async function settle(
  house: House,
  entry: Entry,
  request: ModelRequest,
  work: () => Promise<CleanReply | Repeat>,
): Promise<Answer | Repeat> {
  let reply: CleanReply | Repeat;
  try {
    reply = await work();
  } catch (thrown) {
    throw await refuse(house, entry, problemOf(thrown, request), request.gone);
  }
  if ('isRepeat' in reply) return concludeRepeat(house, entry, request, reply);
  const { permit } = reply.raw.prompt;
  const batches = await primed(settled(house, entry, request, reply));
  const { systemFingerprint } = reply.raw.reply;
  return {
    isRepeat: false,
    versionId: permit.grant.version.id,
    streamed: permit.grant.asked.streamed,
    systemFingerprint: isShowable(systemFingerprint, permit) ? systemFingerprint : null,
    wantsUsage: permit.grant.asked.wantsUsage,
    echo: permit.grant.asked.echo ?? null,
    standing: permit.reservation.standing,
    batches,
    redactions: () => total(reply.tally().output),
    key: permit.key,
  };
}

function isShowable(word: string | null, { owner }: Permit): boolean {
  if (word === null || !isPlainWord(word)) return false;
  return owner.mark === undefined || !tellsMark(owner.mark, word);
}

/** What the answer has shown so far, for the meter and the record. */
interface Progress {
  reported: TokenUsage | undefined;
  firstByteMs: number | undefined;
  readonly finishes: Extract<ReplyEvent, { readonly kind: 'finish' }>[];
}

async function* settled(
  house: House,
  entry: Entry,
  request: ModelRequest,
  reply: CleanReply,
): AsyncGenerator<readonly ReplyEvent[]> {
  const progress: Progress = { reported: undefined, firstByteMs: undefined, finishes: [] };
  const closing = { house, entry, request, reply, progress };
  let isWhole = false;
  try {
    yield* watched(closing);
    isWhole = true;
  } catch (thrown) {
    const { caller } = reply.raw.prompt.permit.grant.asked;
    const problem = (await lapseOf(house, request, caller)) ?? problemOf(thrown, request);
    await complete(closing, problem);
    throw problem;
  } finally {
    reply.raw.watch.stop();
    if (!entry.isClosed) await complete(closing, new Problem('internal_error'));
    if (!isWhole) await entry.releaseKey();
  }
}

interface Closing {
  readonly house: House;
  readonly entry: Entry;
  readonly request: ModelRequest;
  readonly reply: CleanReply;
  readonly progress: Progress;
}

/** The words as they come, then, once the record is durable, the endings. */
async function* watched(closing: Closing): AsyncGenerator<readonly ReplyEvent[]> {
  const { house, reply, progress, entry } = closing;
  const { known } = reply.raw.prompt.permit.grant.asked.caller;
  for await (const batch of reply.batches) {
    if (!house.directory.isStillGood(known)) throw new Problem('invalid_api_key');
    const words = batch.filter((event) => isWord(event, progress));
    if (words.length === 0) continue;
    if (progress.firstByteMs === undefined) {
      progress.firstByteMs = entry.latencyMs();
      reply.raw.span.firstToken();
    }
    yield words;
  }
  if (progress.finishes.length === 0) throw new Problem('upstream_error');
  const usage = await complete(closing);
  yield [...progress.finishes, { kind: 'usage', usage }];
}

/** Keeps endings and figures aside; true for what goes on to the caller. */
function isWord(event: ReplyEvent, progress: Progress): boolean {
  if (event.kind === 'usage') progress.reported = event.usage;
  if (event.kind === 'finish') progress.finishes.push(event);
  return event.kind !== 'usage' && event.kind !== 'finish';
}

/** Meters, gives back the reservation and makes the last record durable. Throws `audit_unavailable`. */
async function complete(
  { house, entry, request, reply, progress }: Closing,
  problem?: Problem,
): Promise<TokenUsage> {
  if (entry.isClosed) throw problem ?? new Problem('internal_error');
  const { prompt, span } = reply.raw;
  const tally = reply.tally();
  const dropped = reply.raw.reply.dropped();
  const reading = readMeter({
    reported: progress.reported,
    wasAsked: true,
    callerLeft: request.gone.aborted,
    promptBytes: prompt.permit.promptBytes,
    answerCharacters: tally.unitsScanned,
  });
  const { stopped, ...redaction } = tally;
  const finishReasons = progress.finishes.map((finish) => finish.reason);
  entry.note({
    redactions: total(tally.output),
    redaction: { engine: REDACTION_ENGINE, input: prompt.counts, ...redaction },
    ...stopFacts(stopped),
    finishReasons,
    ...(progress.firstByteMs === undefined ? {} : { firstByteMs: progress.firstByteMs }),
    ...droppedFacts(dropped),
  });
  house.telemetry.redacted(tally.output);
  house.telemetry.dropped(dropped);
  tellStops(house, stopped);
  return conclude(house, entry, { request, reading, span, finishReasons, problem });
}

/** Kept only where there is any: a host that keeps to its wire leaves no trace here. */
function droppedFacts({ unknownFields, postDoneData }: DroppedTally) {
  const facts = { unknown_fields: total(unknownFields), post_done_data: postDoneData };
  return total(facts) === 0 ? {} : { upstreamDropped: facts };
}

/** What the gateway ended is on record by its reason, though the request succeeded. */
function stopFacts(stopped: OutputTally['stopped']) {
  const [reasonCode] = Object.keys(stopped).toSorted();
  return reasonCode === undefined ? {} : { stopped, reasonCode };
}

function tellStops({ telemetry }: House, stopped: OutputTally['stopped']): void {
  for (const [reason, count] of Object.entries(stopped))
    for (let at = 0; at < count; at++) telemetry.stopped(reason as keyof typeof stopped);
}

/**
 * Runs the generator up to its first batch, so that a failure before the first word is an ordinary refusal, and so that
 * its `finally` is sure to run: one that is returned before its first `next` would skip it.
 */
async function primed(
  batches: AsyncGenerator<readonly ReplyEvent[]>,
): Promise<AsyncGenerator<readonly ReplyEvent[]>> {
  const first = await batches.next();
  return following(first, batches);
}

async function* following<T>(first: IteratorResult<T>, rest: AsyncGenerator<T>): AsyncGenerator<T> {
  try {
    if (first.done !== true) yield first.value;
    yield* rest;
  } finally {
    await rest.return(undefined);
  }
}

function total(counts: Readonly<Record<string, number>>): number {
  return Object.values(counts).reduce((sum, count) => sum + count, 0);
}
