import type { EmbeddingsPrompt, Vector } from '../../core/models/embeddings.ts';
import type { EmbedCall, EmbedReply } from '../../core/models/upstream.ts';
import type { VectorEncoding } from '../../domain/vocabulary.ts';
import { problemOfErrorBody } from './errors.ts';
import { fields, isGiven, list, notUnderstood } from './narrow.ts';
import { readUsage } from './usage-wire.ts';

/**
 * The body of `POST /embeddings` for this call (OpenAI API, openai-openapi f85dbe2), serialised. Written field by
 * field, as for chat. `user` is the only field by which the host could know the human, so nobody is named.
 */
export function writeEmbeddingsBody({ deployment, prompt }: EmbedCall): string {
  const { inputs, encoding, dimensions } = prompt;
  return JSON.stringify({ model: deployment, input: inputs, encoding_format: encoding, dimensions });
}

/** The longest answer that is read: what the inputs can need at the longest spelling of a number, up to 64 MiB. */
export function answerBytesMax({ inputs, encoding, dimensions }: EmbeddingsPrompt): number {
  const perVector = (dimensions ?? DIMENSIONS_MAX) * NUMBER_BYTES[encoding] + FRAME_BYTES;
  return Math.min(ANSWER_BYTES_MAX, inputs.length * perVector + HEAD_BYTES);
}

/**
 * Reads an embeddings answer. Throws `upstream_error` unless it has one vector for each input, in the encoding asked
 * for, all of one length, that length the one asked for, and every number finite; and the Problem of an `error` object.
 * A vector goes on as the host wrote it: a double survives JSON.parse and JSON.stringify, and base64 stays the text it
 * is. The host's own words (`model`, `object`) end here.
 */
export function readEmbeddings(
  body: unknown,
  prompt: EmbeddingsPrompt,
): Omit<EmbedReply, 'upstreamRequestId'> {
  const { error, data, usage } = fields(body);
  if (isGiven(error)) throw problemOfErrorBody(body);
  const vectors = inOrder(list(data), prompt);
  const length = prompt.dimensions ?? lengthOf(vectors[0]);
  if (vectors.some((vector) => lengthOf(vector) !== length)) throw notUnderstood();
  // An embedding has no completion, and hosts report none.
  const reported = isGiven(usage) ? readUsage({ ...fields(usage), completion_tokens: 0 }) : undefined;
  return { vectors, usage: reported };
}

const DIMENSIONS_MAX = 4_096;
/** `-1.7976931348623157e+308,` with room for white space; a third more than four octets, rounded up. */
const NUMBER_BYTES: Readonly<Record<VectorEncoding, number>> = { float: 32, base64: 6 };
const FRAME_BYTES = 512;
const HEAD_BYTES = 8_192;
const ANSWER_BYTES_MAX = 64 * 1_048_576;

function inOrder(data: readonly unknown[], { inputs, encoding }: EmbeddingsPrompt): readonly Vector[] {
  if (data.length !== inputs.length) throw notUnderstood();
  const byIndex = new Map<unknown, Vector>();
  data.forEach((one, position) => {
    const { index = position, embedding } = fields(one);
    byIndex.set(index, encoding === 'base64' ? octets(embedding) : numbers(embedding));
  });
  return inputs.map((_, index) => byIndex.get(index) ?? absent());
}

function absent(): never {
  throw notUnderstood();
}

function numbers(embedding: unknown): readonly number[] {
  const vector = list(embedding);
  if (vector.length === 0 || !vector.every(Number.isFinite)) throw notUnderstood();
  return vector as readonly number[];
}

/** Only the one spelling that encoding gives: nothing else can hide in the text. */
function octets(embedding: unknown): string {
  const bytes = Buffer.from(typeof embedding === 'string' ? embedding : '', 'base64');
  if (bytes.length === 0 || bytes.length % FLOAT_BYTES !== 0) throw notUnderstood();
  for (let at = 0; at < bytes.length; at += FLOAT_BYTES)
    if (!Number.isFinite(bytes.readFloatLE(at))) throw notUnderstood();
  const text = bytes.toString('base64');
  if (text !== embedding) throw notUnderstood();
  return text;
}

const FLOAT_BYTES = 4;

function lengthOf(vector: Vector | undefined): number {
  if (typeof vector === 'string') return Buffer.byteLength(vector, 'base64') / FLOAT_BYTES;
  return vector?.length ?? 0;
}
