import assert from 'node:assert/strict';
import {
  type OutputItem,
  type ResponseEvent,
  type ResponseObject,
  responseEvent,
} from '../../gateway/contract/openai-response-events.ts';
import { keyOf, type World } from '../world.ts';
import type { Refusal } from './ask.ts';

export interface ResponsesReply {
  readonly status: number;
  readonly headers: Headers;
  /** The gateway's own id of the request. */
  readonly id: string;
  readonly text: string;
  readonly body: ResponseObject;
  readonly error: Refusal['error'];
  readonly events: readonly ResponseEvent[];
}

/** Sends one Responses request as the tenant `northwind`; a string is its input. */
export async function respond(
  world: Pick<World, 'url' | 'demo'>,
  question: string | Readonly<Record<string, unknown>>,
  { path = '/v1/responses', tenant = 'northwind' }: { path?: string; tenant?: string } = {},
): Promise<ResponsesReply> {
  const asked = typeof question === 'string' ? { input: question } : question;
  const response = await fetch(`${world.url}${path}`, {
    method: 'POST',
    headers: {
      authorization: `Bearer ${keyOf(world.demo, tenant)}`,
      'content-type': 'application/json',
    },
    body: JSON.stringify({ model: 'mayo-cr', input: 'Adult with new hypertension: what next?', ...asked }),
  });
  const text = await response.text();
  return {
    status: response.status,
    headers: response.headers,
    id: response.headers.get('x-request-id') ?? '',
    text,
    get body() {
      return JSON.parse(text) as ResponseObject;
    },
    get error() {
      return (JSON.parse(text) as Refusal).error;
    },
    get events() {
      return readEvents(text);
    },
  };
}

/** Parses the event stream strictly: named frames of the allowed kinds, numbered from 0 without a gap, and comments. */
export function readEvents(raw: string): readonly ResponseEvent[] {
  const frames = raw.split('\n\n').filter((frame) => frame !== '' && !frame.startsWith(':'));
  return frames.map((frame, number) => {
    const [, name, payload] = /^event: (\S+)\ndata: ([^\n]+)$/.exec(frame) ?? assert.fail(frame.slice(0, 80));
    const sent: unknown = JSON.parse(String(payload));
    const event = responseEvent.parse(sent);
    assert.deepEqual(sent, event, 'an event holds nothing that the contract does not name');
    assert.deepEqual([event.type, event.sequence_number], [name, number]);
    return event;
  });
}

/** The snapshots of the whole response, in their order. */
export function snapshotsIn(events: readonly ResponseEvent[]): readonly ResponseObject[] {
  return events.flatMap((event) => ('response' in event ? [event.response] : []));
}

/** One text or one call's arguments of the output, in each of the five places where a stream shows it. */
export interface Copies {
  readonly delta: string;
  readonly done: string;
  /** Null for arguments, which are no content part. */
  readonly part: string | null;
  readonly item: string;
  readonly response: string;
}

/** The copies of everything that the model said, by the item's position and the part's within it. */
export function copiesIn(events: readonly ResponseEvent[]): ReadonlyMap<string, Copies> {
  const last = snapshotsIn(events).at(-1);
  const copies = new Map<string, Copies>();
  for (const event of events) {
    if (!('item' in event) || event.type !== 'response.output_item.done') continue;
    const { output_index: at, item } = event;
    textsOf(item).forEach((text, index) => {
      const here = events.filter((other) => isOf(other, item.id, index));
      copies.set(`${at}.${index}`, {
        delta: here.map((other) => ('delta' in other ? other.delta : '')).join(''),
        done: here.flatMap(doneText)[0] ?? assert.fail('no event says that it is done'),
        part: here.flatMap(donePart)[0] ?? null,
        item: text,
        response: textsOf(last?.output[at])[index] ?? assert.fail('the last snapshot lacks it'),
      });
    });
  }
  return copies;
}

function isOf(event: ResponseEvent, itemId: string, part: number): boolean {
  if (!('item_id' in event) || event.item_id !== itemId) return false;
  return ('content_index' in event ? event.content_index : 0) === part;
}

function textsOf(item: OutputItem | undefined): readonly string[] {
  if (item === undefined) return [];
  if (item.type === 'function_call') return [item.arguments];
  return item.content.map((part) => (part.type === 'refusal' ? part.refusal : part.text));
}

function doneText(event: ResponseEvent): readonly string[] {
  if (event.type === 'response.output_text.done') return [event.text];
  if (event.type === 'response.refusal.done') return [event.refusal];
  return event.type === 'response.function_call_arguments.done' ? [event.arguments] : [];
}

function donePart(event: ResponseEvent): readonly string[] {
  if (event.type !== 'response.content_part.done') return [];
  return [event.part.type === 'refusal' ? event.part.refusal : event.part.text];
}
