import type { EmbeddingsAnswer as EmbeddingsBody } from '../contract/openai-embeddings.ts';
import type { Entry } from '../pipeline/entry.ts';
import type { EmbeddingsAnswer } from '../pipeline/settle-embeddings.ts';

/** The vectors as OpenAI's list, in the order of the inputs. */
export function presentEmbeddings(entry: Entry, answer: EmbeddingsAnswer): EmbeddingsBody {
  const { versionId, vectors, usage, inputRedactions } = answer;
  return {
    object: 'list',
    data: vectors.map((vector, index) => ({
      object: 'embedding',
      index,
      embedding: typeof vector === 'string' ? vector : [...vector],
    })),
    model: versionId,
    usage: { prompt_tokens: usage.input, total_tokens: usage.input },
    stewardgate: {
      decision_id: entry.decisionId,
      policy_set: entry.policySet ?? '',
      model_version: versionId,
      input_redactions: inputRedactions,
    },
  };
}
