import { appendFileSync } from 'node:fs';
import type { EmbedCall, ModelCall } from '../../../core/models/upstream.ts';
import { type Clock, isoTime } from '../../../domain/clock.ts';

/**
 * Writes down that the model was asked, before it answers: a witness that owes nothing to the gateway's own ledger.
 * Synchronous, so that a crash right after leaves the line.
 */
export function witness(file: string, call: ModelCall | EmbedCall, clock: Clock): void {
  appendFileSync(file, `${JSON.stringify({ at: isoTime(clock.now()), requestId: call.requestId })}\n`);
}
