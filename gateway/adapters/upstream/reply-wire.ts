import {
  FINISH_REASONS,
  type FinishReason,
  type ReplyEvent,
  type TextField,
} from '../../core/models/upstream.ts';
import { Problem } from '../../domain/problem.ts';
import { isOneOf } from '../../domain/vocabulary.ts';
import { problemOfErrorBody } from './errors.ts';
import { countUnknown, noUnknownFields, type UnknownFields } from './known-fields.ts';
import { type Fields, fields, isGiven, list, notUnderstood } from './narrow.ts';
import { readUsage } from './usage-wire.ts';

/** What was asked for, so that an answer cannot be wider or longer than that. */
export interface ReplyBounds {
  readonly choices: number;
  readonly maxCompletionTokens: number;
}

/**
 * Reads a chat completion, chunk by chunk or whole, into events. Only the fields named here are looked at; all others
 * (annotations, `obfuscation`, reasoning, audio, legacy calls) end here. Throws `upstream_error` for what it cannot
 * understand, and the Problem of an `error` object. Narrowed by hand, not by zod: it runs for every token.
 */
export interface ReplyReader {
  /** Events are appended to `into`; a text that continues the last event there is merged with it. */
  readChunk(chunk: unknown, into: ReplyEvent[]): void;
  readWhole(body: unknown, into: ReplyEvent[]): void;
  /** True once every choice asked for has its finish reason. */
  isComplete(): boolean;
  /** The host's `system_fingerprint`, once one came that is a plain word. */
  fingerprint(): string | null;
  unknownFields(): UnknownFields;
}

export function createReplyReader(bounds: ReplyBounds): ReplyReader {
  const reply = openReply(bounds);
  return {
    readChunk: (chunk, into) => readBody(reply, chunk, { part: 'delta', into }),
    readWhole: (body, into) => readBody(reply, body, { part: 'message', into }),
    isComplete: () => reply.choices.every((choice) => choice.finish !== null),
    fingerprint: () => reply.fingerprint,
    unknownFields: () => reply.unknownFields,
  };
}

interface Reply {
  readonly choices: readonly Choice[];
  fragmentsLeft: number;
  unitsLeft: number;
  fingerprint: string | null;
  readonly unknownFields: UnknownFields;
  into: ReplyEvent[];
}

interface Choice {
  readonly reply: Reply;
  readonly index: number;
  finish: FinishReason | null;
  /** By the tool call's index: the id under which it was opened. */
  readonly toolCalls: Map<number, string>;
}

/** A host that ignores the cap is cut: each fragment carries a token at least, and few tokens are long. */
const SLACK = 1.1;
const FRAGMENTS_SPARE = 64;
const UNITS_PER_TOKEN_MAX = 32;
const UNITS_SPARE = 4_096;
const TOOL_CALLS_MAX = 128;
const NAME_LENGTH_MAX = 256;

function openReply({ choices, maxCompletionTokens }: ReplyBounds): Reply {
  const open: Choice[] = [];
  const reply: Reply = {
    choices: open,
    fragmentsLeft: Math.ceil(choices * maxCompletionTokens * SLACK) + FRAGMENTS_SPARE,
    unitsLeft: choices * maxCompletionTokens * UNITS_PER_TOKEN_MAX + UNITS_SPARE,
    fingerprint: null,
    unknownFields: noUnknownFields(),
    into: [],
  };
  for (let index = 0; index < choices; index += 1) {
    open.push({ reply, index, finish: null, toolCalls: new Map() });
  }
  return reply;
}

interface Reading {
  readonly part: 'delta' | 'message';
  readonly into: ReplyEvent[];
}

function readBody(reply: Reply, body: unknown, { part, into }: Reading): void {
  const known = fields(body);
  const { error, choices, usage, system_fingerprint: fingerprint } = known;
  countUnknown(reply.unknownFields, 'body', known);
  if (isGiven(error)) throw problemOfErrorBody(body);
  if (reply.fingerprint === null && isPlainWord(fingerprint)) reply.fingerprint = fingerprint;
  reply.into = into;
  if (isGiven(choices)) {
    for (const entry of list(choices)) readChoice(reply, fields(entry), part);
  }
  if (typeof usage === 'object' && usage !== null) countUnknown(reply.unknownFields, 'usage', fields(usage));
  const reported = isGiven(usage) ? readUsage(usage) : undefined;
  if (reported) into.push({ kind: 'usage', usage: reported });
}

const PLAIN_WORD = /^[\w.:-]{1,64}$/;

function readChoice(reply: Reply, entry: Fields, part: Reading['part']): void {
  const index = entry.index ?? 0;
  const choice = typeof index === 'number' ? reply.choices[index] : undefined;
  if (!choice) throw notUnderstood();
  countUnknown(reply.unknownFields, 'choice', entry);
  const said = entry[part];
  if (isGiven(said)) readPart(choice, fields(said));
  if (typeof entry.finish_reason === 'string') readFinish(choice, entry.finish_reason);
}

function readPart(choice: Choice, part: Fields): void {
  countUnknown(choice.reply.unknownFields, 'message', part);
  readText(choice, 'content', part.content);
  readText(choice, 'refusal', part.refusal);
  if (!isGiven(part.tool_calls)) return;
  list(part.tool_calls).forEach((call, position) => {
    readToolCall(choice, position, fields(call));
  });
}

function readText(choice: Choice, field: TextField, value: unknown): void {
  const text = typeof value === 'string' ? value : isGiven(value) ? joinParts(list(value)) : '';
  if (text === '') return;
  spend(choice, text);
  const { into } = choice.reply;
  const last = into.at(-1);
  if (last?.kind === 'text' && last.choice === choice.index && last.field === field) {
    into[into.length - 1] = { kind: 'text', choice: choice.index, field, text: last.text + text };
  } else {
    into.push({ kind: 'text', choice: choice.index, field, text });
  }
}

/** Some hosts send content as parts; those that are not text are dropped. */
function joinParts(parts: readonly unknown[]): string {
  let text = '';
  for (const entry of parts) {
    const part = fields(entry);
    if (part.type === 'text' && typeof part.text === 'string') text += part.text;
  }
  return text;
}

function readToolCall(choice: Choice, position: number, call: Fields): void {
  const index = call.index ?? position;
  if (!isToolIndex(index)) throw notUnderstood();
  const made = fields(call.function ?? {});
  countUnknown(choice.reply.unknownFields, 'tool_call', call);
  countUnknown(choice.reply.unknownFields, 'tool_call', made);
  openToolCall(choice, index, { id: call.id, name: made.name });
  const text = made.arguments ?? '';
  if (typeof text !== 'string') throw notUnderstood();
  if (text !== '') addArguments(choice, index, text);
}

/** The first fragment names the call; a host may repeat the id on later ones, but not change it. */
function openToolCall(choice: Choice, index: number, { id, name }: { id: unknown; name: unknown }): void {
  const known = choice.toolCalls.get(index);
  if (known === undefined) {
    if (!isName(id) || !isName(name)) throw notUnderstood();
    spend(choice, name);
    choice.toolCalls.set(index, id);
    choice.reply.into.push({ kind: 'toolCall', choice: choice.index, index, id, name });
  } else if (typeof id === 'string' && id !== '' && id !== known) {
    throw notUnderstood();
  }
}

function addArguments(choice: Choice, index: number, text: string): void {
  spend(choice, text);
  const { into } = choice.reply;
  const last = into.at(-1);
  if (last?.kind === 'toolArguments' && last.choice === choice.index && last.index === index) {
    into[into.length - 1] = { kind: 'toolArguments', choice: choice.index, index, text: last.text + text };
  } else {
    into.push({ kind: 'toolArguments', choice: choice.index, index, text });
  }
}

/** A choice ends once. A filter's verdict that comes late still stops the answer; other repetitions say nothing new. */
function readFinish(choice: Choice, reason: string): void {
  if (choice.finish === null) {
    if (!isOneOf(FINISH_REASONS, reason)) throw notUnderstood();
    choice.finish = reason;
    choice.reply.into.push({ kind: 'finish', choice: choice.index, reason });
  } else if (reason === 'content_filter' && choice.finish !== reason) {
    throw new Problem('content_filter');
  }
}

function spend(choice: Choice, text: string): void {
  const { reply } = choice;
  reply.fragmentsLeft -= 1;
  reply.unitsLeft -= text.length;
  if (reply.fragmentsLeft < 0 || reply.unitsLeft < 0 || choice.finish !== null) throw notUnderstood();
}

function isPlainWord(value: unknown): value is string {
  return typeof value === 'string' && PLAIN_WORD.test(value);
}

function isToolIndex(value: unknown): value is number {
  return typeof value === 'number' && Number.isInteger(value) && value >= 0 && value < TOOL_CALLS_MAX;
}

function isName(value: unknown): value is string {
  return typeof value === 'string' && value.length > 0 && value.length <= NAME_LENGTH_MAX;
}
