import type { ModelReply } from '../../gateway/core/models/upstream.ts';

/** A reply of a model that says exactly these events and nothing beside them. */
export function replyOf(events: ModelReply['events']): ModelReply {
  const unknownFields = { body: 0, choice: 0, message: 0, tool_call: 0, usage: 0 };
  return {
    systemFingerprint: null,
    upstreamRequestId: null,
    events,
    dropped: () => ({ unknownFields, postDoneData: 0 }),
  };
}
