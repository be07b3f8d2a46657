import type { ReplyPlace } from '../../core/models/upstream.ts';
import type { Fields } from './narrow.ts';

/** How many fields stood in each place that no wire we know has there. */
export type UnknownFields = Record<ReplyPlace, number>;

export function noUnknownFields(): UnknownFields {
  return { body: 0, choice: 0, message: 0, tool_call: 0, usage: 0 };
}

/**
 * Counts the fields of an object that are in neither OpenAI's description nor Azure's annotations. Most known ones are
 * dropped as well; an unknown one tells that the host has changed. Its name is the host's word and goes no further.
 */
export function countUnknown(counts: UnknownFields, place: ReplyPlace, object: Fields): void {
  const known = KNOWN[place];
  for (const name in object) if (!known.has(name)) counts[place] += 1;
}

const KNOWN: Readonly<Record<ReplyPlace, ReadonlySet<string>>> = {
  body: new Set([
    'id',
    'object',
    'created',
    'model',
    'system_fingerprint',
    'choices',
    'usage',
    'error',
    'service_tier',
    'metadata',
    'moderation',
    'obfuscation',
    'prompt_filter_results',
    'prompt_annotations',
  ]),
  choice: new Set([
    'index',
    'delta',
    'message',
    'finish_reason',
    'logprobs',
    'content_filter_results',
    'content_filter_result',
    'content_filter_raw',
    'content_filter_offsets',
  ]),
  message: new Set([
    'role',
    'content',
    'refusal',
    'tool_calls',
    'function_call',
    'annotations',
    'audio',
    'context',
  ]),
  tool_call: new Set(['index', 'id', 'type', 'function', 'name', 'arguments']),
  usage: new Set([
    'prompt_tokens',
    'completion_tokens',
    'total_tokens',
    'prompt_tokens_details',
    'completion_tokens_details',
    'reasoning_tokens',
  ]),
};
