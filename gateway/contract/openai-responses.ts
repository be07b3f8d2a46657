import { z } from 'zod';
import { imageDetail, imageUrl } from './image-url.ts';
import { content, identifier, jsonSchema, tokens } from './openai-chat.ts';

// The allow-list of what a caller may send to the Responses API. What is not named here is refused, never forwarded;
// what would keep state at the model's host is named only to be refused by its own name.

const inputText = z.strictObject({ type: z.literal('input_text'), text: content });
const inputImage = z.strictObject({
  type: z.literal('input_image'),
  image_url: imageUrl,
  detail: imageDetail.nullish(),
});
const inputContent = z.union([content, z.array(inputText).min(1).max(256)]);

/** As an earlier answer had it, so that its items can be sent back as they came. */
const outputPart = z.discriminatedUnion('type', [
  z.strictObject({
    type: z.literal('output_text'),
    text: content,
    annotations: z.array(z.never()).max(0).optional(),
    logprobs: z.array(z.never()).max(0).optional(),
  }),
  z.strictObject({ type: z.literal('refusal'), refusal: content }),
]);

const itemId = z.string().max(128).nullish();
const itemStatus = z.enum(['in_progress', 'completed', 'incomplete']).nullish();
const callId = z.string().min(1).max(128);

const turn = z.discriminatedUnion('role', [
  z.strictObject({
    type: z.literal('message').optional(),
    role: z.enum(['system', 'developer']),
    content: inputContent,
    id: itemId,
    status: itemStatus,
  }),
  z.strictObject({
    type: z.literal('message').optional(),
    role: z.literal('user'),
    content: z.union([
      content,
      z
        .array(z.discriminatedUnion('type', [inputText, inputImage]))
        .min(1)
        .max(256),
    ]),
    id: itemId,
    status: itemStatus,
  }),
  z.strictObject({
    type: z.literal('message').optional(),
    role: z.literal('assistant'),
    content: z.union([content, z.array(outputPart).min(1).max(256)]),
    id: itemId,
    status: itemStatus,
    phase: z.enum(['commentary', 'final_answer']).nullish(),
  }),
]);

const inputItem = z.discriminatedUnion('type', [
  turn,
  z.strictObject({
    type: z.literal('function_call'),
    call_id: callId,
    name: identifier,
    arguments: content,
    id: itemId,
    status: itemStatus,
  }),
  z.strictObject({
    type: z.literal('function_call_output'),
    call_id: callId,
    output: inputContent,
    id: itemId,
    status: itemStatus,
  }),
]);

const tool = z.strictObject({
  type: z.literal('function'),
  name: identifier,
  description: z.string().max(4_096).nullish(),
  parameters: jsonSchema.nullish(),
  strict: z.boolean().nullish(),
});

const textFormat = z.discriminatedUnion('type', [
  z.strictObject({ type: z.literal('text') }),
  z.strictObject({ type: z.literal('json_object') }),
  z.strictObject({
    type: z.literal('json_schema'),
    name: identifier,
    description: z.string().max(4_096).optional(),
    schema: jsonSchema,
    strict: z.boolean().nullish(),
  }),
]);

const text = z.strictObject({
  format: textFormat.optional(),
  verbosity: z.enum(['low', 'medium', 'high']).nullish(),
});

const toolChoice = z.union([
  z.enum(['none', 'auto', 'required']),
  z.strictObject({ type: z.literal('function'), name: identifier }),
]);

/** `auto` gives what summary there is, and the gateway shows none; the other words would demand one. */
const reasoning = z.strictObject({
  effort: z.enum(['none', 'minimal', 'low', 'medium', 'high']).nullish(),
  summary: z.literal('auto').nullish(),
});

const metadata = z
  .record(z.string().max(64), z.string().max(512))
  .refine((pairs) => Object.keys(pairs).length <= 16, 'at most 16 pairs');

/** `POST /v1/responses` as OpenAI's API description spells it, less what the gateway does not allow. */
export const responsesRequest = z
  .strictObject({
    model: z.string().min(1).max(128),
    input: z.union([content, z.array(inputItem).min(1).max(1_024)]),
    instructions: content.nullish(),
    stream: z.boolean().nullish(),
    stream_options: z.strictObject({ include_obfuscation: z.boolean().optional() }).nullish(),
    max_output_tokens: tokens.nullish(),
    temperature: z.number().min(0).max(2).nullish(),
    top_p: z.number().min(0).max(1).nullish(),
    tools: z.array(tool).max(128).nullish(),
    tool_choice: toolChoice.nullish(),
    parallel_tool_calls: z.boolean().nullish(),
    text: text.nullish(),
    reasoning: reasoning.nullish(),
    metadata: metadata.nullish(),
    // Given back to the caller; none of them reaches the model as sent.
    user: z.string().max(256).nullish(),
    safety_identifier: z.string().max(64).nullish(),
    prompt_cache_key: z.string().max(64).nullish(),
    // Accepted in the one value that asks for nothing beyond this request.
    store: z.literal(false).nullish().describe('Nothing is stored: absent means false here.'),
    background: z.literal(false).nullish(),
    previous_response_id: z.null().optional(),
    conversation: z.null().optional(),
    prompt: z.null().optional(),
    include: z.array(z.never()).max(0).nullish(),
    truncation: z.literal('disabled').nullish(),
    top_logprobs: z.literal(0).nullish(),
    max_tool_calls: z.null().optional(),
    service_tier: z.enum(['auto', 'default']).nullish(),
  })
  .meta({
    id: 'ResponsesRequest',
    description: 'An OpenAI Responses request, stateless; unknown fields are refused.',
  });

export type ResponsesRequest = z.output<typeof responsesRequest>;

/** The fields of a response that are the caller's own, as it sent them or as their absence is written. */
export const responsesEcho = z.object({
  instructions: z.string().nullable(),
  max_output_tokens: z.int().nullable(),
  temperature: z.number().nullable(),
  top_p: z.number().nullable(),
  tools: z.array(tool),
  tool_choice: toolChoice,
  parallel_tool_calls: z.boolean(),
  text,
  reasoning: z.object({ effort: z.string().nullable(), summary: z.string().nullable() }),
  metadata: z.record(z.string(), z.string()),
  user: z.string().nullable(),
  safety_identifier: z.string().nullable(),
  prompt_cache_key: z.string().nullable(),
});

export type ResponsesEcho = z.output<typeof responsesEcho>;
