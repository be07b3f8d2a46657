import type { LimitStanding } from '../core/limits/limiter.ts';
import { readMeter } from '../core/metering/meter.ts';
import type { TokenUsage } from '../core/metering/usage.ts';
import type { Vector } from '../core/models/embeddings.ts';
import { conclude, concludeRepeat, problemOf } from './conclude.ts';
import type { RawVectors } from './consult-embedder.ts';
import type { EmbeddingsWish } from './embeddings-dialect.ts';
import type { Entry } from './entry.ts';
import type { HeldKey } from './held-key.ts';
import type { House } from './house.ts';
import { lapseOf } from './key-watch.ts';
import type { ModelRequest } from './model-request.ts';
import type { Repeat } from './once.ts';
import { refuse } from './refuse.ts';

/** Vectors whose `completed` record is durable. */
export interface EmbeddingsAnswer {
  readonly isRepeat: false;
  readonly versionId: string;
  readonly vectors: readonly Vector[];
  readonly usage: TokenUsage;
  readonly standing: LimitStanding;
  /** How many identifiers were replaced in the inputs. */
  readonly inputRedactions: number;
  /** Whoever writes the answer keeps a copy here before its last byte leaves, or releases it. */
  readonly key: HeldKey | null;
}

/**
 * The one exit, as for chat: the reservation is settled, the usage is metered once, and the last record is in the ledger
 * before the answer leaves. Throws the Problem that stopped the request.
 */
export async function settleEmbeddings(
  house: House,
  entry: Entry,
  request: ModelRequest<EmbeddingsWish>,
  work: () => Promise<RawVectors | Repeat>,
): Promise<EmbeddingsAnswer | Repeat> {
  let raw: RawVectors | Repeat;
  try {
    raw = await work();
  } catch (thrown) {
    throw await refuse(house, entry, problemOf(thrown, request), request.gone);
  }
  if ('isRepeat' in raw) return concludeRepeat(house, entry, request, raw);
  try {
    return await settled(house, entry, request, raw);
  } catch (thrown) {
    await entry.releaseKey();
    throw thrown;
  }
}

async function settled(
  house: House,
  entry: Entry,
  request: ModelRequest<EmbeddingsWish>,
  { inputs, reply, span }: RawVectors,
): Promise<EmbeddingsAnswer> {
  const { grant, key, reservation, promptBytes } = inputs.permit;
  const problem = await lapseOf(house, request, grant.asked.caller);
  const reading = readMeter({
    reported: reply.usage,
    wasAsked: true,
    callerLeft: request.gone.aborted,
    promptBytes,
    answerCharacters: 0,
  });
  const usage = await conclude(house, entry, { request, reading, span, finishReasons: [], problem });
  if (problem !== undefined) throw problem;
  return {
    isRepeat: false,
    versionId: grant.version.id,
    vectors: reply.vectors,
    usage,
    standing: reservation.standing,
    inputRedactions: Object.values(inputs.counts).reduce((sum, count) => sum + count, 0),
    key,
  };
}
