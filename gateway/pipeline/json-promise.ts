import { isDeepStrictEqual } from 'node:util';
import type { ChatPrompt, ChatTool } from '../core/models/chat.ts';
import { staysInstance } from '../core/redaction/json-schema.ts';
import { repeatsKey } from '../core/redaction/json-values.ts';

/** What a text of an answer must still be once it is redacted: JSON, and an instance of a schema where there is one. */
export interface JsonPromise {
  readonly schema: Readonly<Record<string, unknown>> | undefined;
  /** Whether the model was given the same schema; where an identifier in it was replaced, it answered to another. */
  readonly wasGiven: boolean;
}

/** What the caller may rely on in the content and in the arguments of each tool, by its name. */
export interface JsonPromises {
  readonly content: JsonPromise | undefined;
  readonly tools: ReadonlyMap<string, JsonPromise>;
}

type Asking = Pick<ChatPrompt, 'responseFormat' | 'tools'>;

/** By what the caller asked for and what the model was given of it. */
export function jsonPromises(asked: Asking, given: Asking): JsonPromises {
  const tools = (asked.tools ?? []).map((tool, at): [string, JsonPromise] => [
    tool.name,
    promiseOf(strictSchema(tool), strictSchema(given.tools?.[at])),
  ]);
  return { content: contentPromise(asked, given), tools: new Map(tools) };
}

/** Whether the redacted text still is what was promised. Text that was no JSON before is none after. */
export function keepsPromise(text: string, { schema, wasGiven }: JsonPromise): boolean {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return schema === undefined;
  }
  if (repeatsKey(text, value)) return false;
  return schema === undefined || staysInstance({ value, schema, fitted: wasGiven });
}

function contentPromise({ responseFormat: asked }: Asking, given: Asking): JsonPromise | undefined {
  if (asked === undefined || asked.type === 'text') return undefined;
  if (asked.type === 'json_object') return promiseOf(undefined, undefined);
  const { responseFormat } = given;
  return promiseOf(asked.schema, responseFormat?.type === 'json_schema' ? responseFormat.schema : undefined);
}

function promiseOf(schema: JsonPromise['schema'], given: JsonPromise['schema']): JsonPromise {
  return { schema, wasGiven: isDeepStrictEqual(schema, given) };
}

/** Without `strict` the model has promised no instance. */
const strictSchema = (tool: ChatTool | undefined) => (tool?.strict === true ? tool.parameters : undefined);
