import { createHash } from 'node:crypto';
import type { EmbeddingsPrompt, Vector } from '../../../core/models/embeddings.ts';
import { tokensOf } from './cut.ts';
import type { Fixture } from './fixtures.ts';
import { errorBody, SIMULATED } from './wire-script.ts';

const DIMENSIONS = 256;

/** The embeddings answer as a host would send it: JSON text. Of a fixture `raw`, `error` and `usage` count. */
export function embeddingsWireOf(prompt: EmbeddingsPrompt, fixture: Fixture | undefined): string {
  if (fixture?.raw) return fixture.raw.join('\n');
  if (fixture?.error !== undefined) return JSON.stringify(errorBody(fixture.error));
  const data = prompt.inputs.map((input, index) => ({
    object: 'embedding',
    index,
    embedding: written(unitVector(input, prompt.dimensions ?? DIMENSIONS), prompt),
  }));
  const usage = fixture?.usage === undefined ? countedUsage(prompt) : (fixture.usage ?? undefined);
  return JSON.stringify({ object: 'list', model: SIMULATED, data, usage });
}

/**
 * A vector of length one that a hash of the text decides and nothing else, in float32. As with models that can shorten
 * their vectors, a shorter one points where the first numbers of the longer one do. Likeness of texts is not in it.
 */
function unitVector(text: string, dimensions: number): Float32Array {
  const hash = createHash('shake256', { outputLength: dimensions * 4 })
    .update(text)
    .digest();
  const numbers = Array.from({ length: dimensions }, (_, at) => hash.readInt32LE(at * 4) / 2 ** 31);
  const length = Math.hypot(...numbers) || 1;
  return Float32Array.from(numbers, (number) => number / length);
}

function written(vector: Float32Array, { encoding }: EmbeddingsPrompt): Vector {
  if (encoding === 'float') return Array.from(vector);
  const octets = Buffer.alloc(vector.length * 4);
  vector.forEach((number, at) => {
    octets.writeFloatLE(number, at * 4);
  });
  return octets.toString('base64');
}

function countedUsage({ inputs }: EmbeddingsPrompt): object {
  const tokens = inputs.reduce((sum, input) => sum + Math.max(1, tokensOf(input)), 0);
  return { prompt_tokens: tokens, total_tokens: tokens };
}
