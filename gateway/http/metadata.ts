import type { StewardgateMetadata } from '../contract/openai-chat.ts';
import type { Entry } from '../pipeline/entry.ts';
import type { Answer } from '../pipeline/settle.ts';

/** What the gateway adds to an answer; the count is final once the batches have ended. */
export function metadataOf(entry: Entry, answer: Answer): StewardgateMetadata {
  return {
    decision_id: entry.decisionId,
    policy_set: entry.policySet ?? '',
    model_version: answer.versionId,
    redactions: answer.redactions(),
  };
}
