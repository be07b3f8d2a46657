import { z } from 'zod';
import { stewardgate } from './openai-chat.ts';
import { responsesEcho } from './openai-responses.ts';
import { errorEnvelope } from './problem.ts';

// What the gateway answers on the Responses API: the whole object, and the only events that its stream may hold.

const status = z.enum(['in_progress', 'completed', 'incomplete']);

const part = z.discriminatedUnion('type', [
  z.object({
    type: z.literal('output_text'),
    text: z.string(),
    annotations: z.array(z.never()),
    logprobs: z.array(z.never()),
  }),
  z.object({ type: z.literal('refusal'), refusal: z.string() }),
]);

export type OutputPart = z.output<typeof part>;

const item = z.discriminatedUnion('type', [
  z.object({
    id: z.string(),
    type: z.literal('message'),
    role: z.literal('assistant'),
    status,
    content: z.array(part),
  }),
  z.object({
    id: z.string(),
    type: z.literal('function_call'),
    call_id: z.string(),
    name: z.string(),
    arguments: z.string(),
    status,
  }),
]);

export type OutputItem = z.output<typeof item>;

const usage = z
  .object({
    input_tokens: z.int(),
    input_tokens_details: z.object({ cached_tokens: z.int() }),
    output_tokens: z.int(),
    output_tokens_details: z.object({ reasoning_tokens: z.int() }),
    total_tokens: z.int(),
  })
  .meta({ id: 'ResponseUsage' });

export type ResponseUsage = z.output<typeof usage>;

export const responseObject = responsesEcho
  .extend({
    id: z.string(),
    object: z.literal('response'),
    created_at: z.int(),
    completed_at: z.int().nullable(),
    model: z.string(),
    status: z.enum(['in_progress', 'completed', 'incomplete', 'failed']),
    error: z.object({ code: z.string(), message: z.string() }).nullable(),
    incomplete_details: z.object({ reason: z.enum(['max_output_tokens', 'content_filter']) }).nullable(),
    output: z.array(item),
    usage: usage.nullable(),
    store: z.literal(false),
    background: z.literal(false),
    previous_response_id: z.null(),
    max_tool_calls: z.null(),
    truncation: z.literal('disabled'),
    top_logprobs: z.literal(0),
    service_tier: z.literal('default'),
    stewardgate: stewardgate.optional(),
  })
  .meta({ id: 'Response' });

export type ResponseObject = z.output<typeof responseObject>;

const event = <Type extends string, Shape extends z.ZodRawShape>(
  type: Type | readonly Type[],
  shape: Shape,
) =>
  z.object({
    type: typeof type === 'string' ? z.literal(type) : z.literal(type),
    sequence_number: z.int(),
    ...shape,
  });

const ofItem = { output_index: z.int(), item_id: z.string() };
const ofPart = { ...ofItem, content_index: z.int() };
const logprobs = z.array(z.never());

export const responseEvent = z
  .discriminatedUnion('type', [
    event(
      [
        'response.created',
        'response.in_progress',
        'response.completed',
        'response.incomplete',
        'response.failed',
      ],
      { response: responseObject },
    ),
    event(['response.output_item.added', 'response.output_item.done'], { output_index: z.int(), item }),
    event(['response.content_part.added', 'response.content_part.done'], { ...ofPart, part }),
    event('response.output_text.delta', { ...ofPart, delta: z.string(), logprobs }),
    event('response.output_text.done', { ...ofPart, text: z.string(), logprobs }),
    event('response.refusal.delta', { ...ofPart, delta: z.string() }),
    event('response.refusal.done', { ...ofPart, refusal: z.string() }),
    event('response.function_call_arguments.delta', { ...ofItem, delta: z.string() }),
    event('response.function_call_arguments.done', { ...ofItem, arguments: z.string() }),
    event('error', { error: errorEnvelope.shape.error }),
  ])
  .meta({ id: 'ResponseStreamEvent' });

export type ResponseEvent = z.output<typeof responseEvent>;
