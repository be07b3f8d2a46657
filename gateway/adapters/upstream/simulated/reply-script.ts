import type { ChatMessage, ChatPrompt, ChatTool } from '../../../core/models/chat.ts';
import { Problem } from '../../../domain/problem.ts';
import { clinicalAnswer } from './clinician.ts';
import { capped, tokensOf, wordGroups } from './cut.ts';
import { hashOf } from './pick.ts';
import { instanceOf } from './schema-instance.ts';

/** What one choice will say, already cut as a stream cuts it. */
export interface ChoiceScript {
  readonly text: readonly string[];
  readonly refusal: readonly string[];
  readonly tool: ToolScript | null;
  readonly finishReason: string;
}

export interface ToolScript {
  readonly id: string;
  readonly name: string;
  readonly arguments: readonly string[];
}

/**
 * What the rules answer to the prompt in this choice; the same for the same prompt and seed.
 * Throws `upstream_rejected` for a schema that no instance is found for, as a host refuses schemas it cannot serve.
 */
export function scriptFor(prompt: ChatPrompt, choice: number): ChoiceScript {
  const seed = hashOf(`${prompt.seed ?? ''}|${choice}|${lastQuestion(prompt)}`);
  const tool = toolToCall(prompt);
  return tool ? callScript(tool, seed, prompt) : textScript(answerText(prompt, seed), prompt);
}

/** Tokens of the prompt, at about four characters each, with what a message and a tool cost by themselves. */
export function promptTokens(prompt: ChatPrompt): number {
  const said = prompt.messages.reduce((sum, message) => sum + MESSAGE_TOKENS + tokensOf(textOf(message)), 0);
  return said + (prompt.tools ? tokensOf(JSON.stringify(prompt.tools)) : 0);
}

const MESSAGE_TOKENS = 4;

function textOf(message: ChatMessage): string {
  const calls = message.role === 'assistant' ? (message.toolCalls ?? []) : [];
  return (message.content ?? '') + calls.map((call) => call.name + call.arguments).join('');
}

function lastQuestion(prompt: ChatPrompt): string {
  return prompt.messages.findLast((message) => message.role === 'user')?.content ?? '';
}

/** The named tool, or the first one: when one is demanded, and else when it is the user who speaks last. */
function toolToCall({ tools = [], toolChoice = 'auto', messages }: ChatPrompt): ChatTool | undefined {
  if (toolChoice === 'none') return undefined;
  if (typeof toolChoice === 'object') return tools.find((tool) => tool.name === toolChoice.name);
  return toolChoice === 'required' || messages.at(-1)?.role === 'user' ? tools[0] : undefined;
}

function callScript(tool: ChatTool, seed: number, prompt: ChatPrompt): ChoiceScript {
  const made = validInstance(tool.parameters ?? { type: 'object' }, 'tools');
  const { text, isWhole } = capped(made, prompt.maxCompletionTokens);
  return {
    text: [],
    refusal: [],
    tool: { id: toolCallId(seed), name: tool.name, arguments: text.match(ARGUMENT_PIECE) ?? [] },
    finishReason: isWhole ? 'tool_calls' : 'length',
  };
}

/** The id of the call that this seed makes. */
export function toolCallId(seed: number): string {
  return `call_simulated_${seed.toString(16).padStart(8, '0')}`;
}

const ARGUMENT_PIECE = /[\s\S]{1,24}/gu;

function textScript(answer: string, prompt: ChatPrompt): ChoiceScript {
  const { text, isWhole } = capped(answer, prompt.maxCompletionTokens);
  return { text: wordGroups(text), refusal: [], tool: null, finishReason: isWhole ? 'stop' : 'length' };
}

function answerText(prompt: ChatPrompt, seed: number): string {
  const format = prompt.responseFormat;
  if (format?.type === 'json_schema') return validInstance(format.schema, 'response_format');
  const answer = clinicalAnswer(lastQuestion(prompt), seed);
  return format?.type === 'json_object' ? JSON.stringify({ simulated: true, answer }) : answer;
}

function validInstance(schema: Readonly<Record<string, unknown>>, param: string): string {
  const instance = instanceOf(schema);
  if (instance === undefined) throw new Problem('upstream_rejected', { param });
  return JSON.stringify(instance);
}
