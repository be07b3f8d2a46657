import { IMAGE_BYTES_MAX } from '../contract/image-url.ts';
import { type ChatImage, type ChatMessage, type ChatPrompt, imagesIn } from '../core/models/chat.ts';
import { plantedOrders } from '../core/models/planted-orders.ts';
import type { Decision } from '../core/policy/decision.ts';
import { REDACTION_ENGINE } from '../core/redaction/engine.ts';
import { faultOfPicture } from '../core/redaction/picture.ts';
import { mint, type Pass } from '../domain/pass.ts';
import { Phi } from '../domain/phi.ts';
import { Problem } from '../domain/problem.ts';
import type { Permit } from './admit.ts';
import type { Entry } from './entry.ts';
import type { House } from './house.ts';
import { Sieve } from './sieve.ts';
import { siftPrompt } from './sift-prompt.ts';

export type CleanPrompt = Pass<
  'deidentified',
  {
    readonly permit: Permit;
    readonly prompt: Phi<ChatPrompt>;
    readonly counts: Readonly<Record<string, number>>;
  }
>;

/**
 * What the model may see. Every text in the prompt is scanned; the policy says whether identifiers in it are
 * replaced, refused (`undeclared_phi`, with their categories as reasons) or passed. A name that the caller must know
 * again cannot be replaced, so one that holds an identifier is refused even where text would be replaced.
 * Throws `redaction_unavailable` when scanning fails, `invalid_parameter` for an image that holds more than pixels.
 */
export async function deidentify(house: House, entry: Entry, permit: Permit): Promise<CleanPrompt> {
  const { asked, decision } = permit.grant;
  for (const image of imagesIn(asked.prompt.reveal())) requirePlainPicture(image);
  const sieve = new Sieve(decision.obligations.deidentify, asked.context.dataClass, house.clock);
  const wished = { ...asked.prompt.reveal(), maxCompletionTokens: permit.outputTokensMax };
  const prompt = await siftPrompt(sieve, wished);
  const counts = sieve.counts;
  const planted = plantedOrders(wished);
  entry.note({
    ...(planted === undefined ? {} : { plantedOrders: planted }),
    instructions: wished.messages.filter(isInstruction).length,
    redaction: { engine: REDACTION_ENGINE, input: counts, output: {}, unitsScanned: 0, unitsEmitted: 0 },
  });
  refuseFound(decision, counts, 'messages');
  return mint({ permit, prompt: new Phi(prompt), counts });
}

/** What a caller may try to pass for the owner's word. */
const isInstruction = ({ role }: ChatMessage) => role === 'system' || role === 'developer';

/** The policy has let the pixels pass; what else a file can carry is refused. */
function requirePlainPicture({ mediaType, base64 }: ChatImage): void {
  const bytes = Buffer.from(base64, 'base64');
  const fault = bytes.length > IMAGE_BYTES_MAX ? 'image_size' : faultOfPicture(bytes, mediaType);
  if (fault !== undefined) throw new Problem('invalid_parameter', { param: 'messages', reasons: [fault] });
}

/** Throws `undeclared_phi` when identifiers were found and the policy refuses them. */
export function refuseFound(
  { obligations }: Decision,
  counts: Readonly<Record<string, number>>,
  param: string,
): void {
  const reasons = Object.keys(counts).toSorted();
  if (obligations.deidentify === 'reject' && reasons.length > 0)
    throw new Problem('undeclared_phi', { param, reasons });
}
