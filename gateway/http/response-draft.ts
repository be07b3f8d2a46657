import type { OutputItem, OutputPart, ResponseEvent } from '../contract/openai-response-events.ts';
import type { FinishReason, ReplyEvent, TextField } from '../core/models/upstream.ts';

type Unnumbered<E> = E extends unknown ? Omit<E, 'sequence_number'> : never;
/** An event of the stream before it has its number. */
export type DraftEvent = Unnumbered<ResponseEvent>;

interface Part {
  readonly field: TextField;
  text: string;
}

interface Message {
  readonly kind: 'message';
  readonly id: string;
  readonly parts: Part[];
}

interface Call {
  readonly kind: 'call';
  readonly id: string;
  readonly callId: string;
  readonly name: string;
  text: string;
}

type Item = Message | Call;

/**
 * The output of a response while it is being said. Each text is kept once and read for every place that shows it, so
 * the places cannot differ. The redactors let go of the last words of all items together, so an item is done only
 * when everything is said.
 */
export class ResponseDraft {
  readonly #uuid: string;
  readonly #items: Item[] = [];
  readonly #calls = new Map<number, Call>();
  #finish: FinishReason | undefined;

  /** The ids of the items are made of this one. */
  constructor(uuid: string) {
    this.#uuid = uuid;
  }

  /** What the model said, as the events that tell of it. */
  say(event: Exclude<ReplyEvent, { kind: 'usage' }>): readonly DraftEvent[] {
    switch (event.kind) {
      case 'text':
        return this.#sayText(event.field, event.text);
      case 'toolCall':
        return this.#openCall(event);
      case 'toolArguments':
        return this.#sayArguments(event.index, event.text);
      case 'finish':
        return this.#close(event.reason);
    }
  }

  /** Why the answer is not all there, or null when it is. */
  get shortfall(): 'max_output_tokens' | 'content_filter' | null {
    if (this.#finish === 'length') return 'max_output_tokens';
    return this.#finish === 'content_filter' ? 'content_filter' : null;
  }

  /** Everything said so far. */
  get output(): OutputItem[] {
    return this.#items.map((item) => shown(item, this.#statusOf(item)));
  }

  /** An answer that fell short was cut in its last item; one that broke off, anywhere. */
  #statusOf(item: Item): OutputItem['status'] {
    if (this.#finish === undefined) return 'incomplete';
    return this.shortfall === null || item !== this.#items.at(-1) ? 'completed' : 'incomplete';
  }

  #sayText(field: TextField, text: string): readonly DraftEvent[] {
    const opening: DraftEvent[] = [];
    const message = this.#message(opening);
    const part = this.#part(message, field, opening);
    part.text += text;
    const place = this.#placeOf(message, part);
    const delta: DraftEvent =
      field === 'content'
        ? { type: 'response.output_text.delta', ...place, delta: text, logprobs: [] }
        : { type: 'response.refusal.delta', ...place, delta: text };
    return [...opening, delta];
  }

  #message(opening: DraftEvent[]): Message {
    const known = this.#items.find((item) => item.kind === 'message');
    if (known !== undefined) return known;
    const message: Message = { kind: 'message', id: `msg_${this.#uuid}`, parts: [] };
    opening.push(this.#added(message));
    return message;
  }

  #part(message: Message, field: TextField, opening: DraftEvent[]): Part {
    const known = message.parts.find((part) => part.field === field);
    if (known !== undefined) return known;
    const part: Part = { field, text: '' };
    message.parts.push(part);
    opening.push({
      type: 'response.content_part.added',
      ...this.#placeOf(message, part),
      part: shownPart(part),
    });
    return part;
  }

  #openCall({ index, id, name }: Extract<ReplyEvent, { kind: 'toolCall' }>): readonly DraftEvent[] {
    const call: Call = { kind: 'call', id: `fc_${this.#uuid}_${index}`, callId: id, name, text: '' };
    this.#calls.set(index, call);
    return [this.#added(call)];
  }

  #sayArguments(index: number, text: string): readonly DraftEvent[] {
    const call = this.#calls.get(index);
    if (call === undefined) return [];
    call.text += text;
    return [{ type: 'response.function_call_arguments.delta', ...this.#positionOf(call), delta: text }];
  }

  #close(reason: FinishReason): readonly DraftEvent[] {
    this.#finish = reason;
    const opening: DraftEvent[] = [];
    if (this.#items.length === 0 && this.shortfall === null)
      this.#part(this.#message(opening), 'content', opening);
    return [...opening, ...this.#items.flatMap((item) => this.#done(item))];
  }

  #added(item: Item): DraftEvent {
    this.#items.push(item);
    return {
      type: 'response.output_item.added',
      output_index: this.#items.length - 1,
      item: shown(item, 'in_progress'),
    };
  }

  #done(item: Item): readonly DraftEvent[] {
    const { output_index } = this.#positionOf(item);
    const whole = shown(item, this.#statusOf(item));
    return [...this.#insideDone(item), { type: 'response.output_item.done', output_index, item: whole }];
  }

  #insideDone(item: Item): readonly DraftEvent[] {
    if (item.kind === 'message') return item.parts.flatMap((part) => this.#partDone(item, part));
    return [
      { type: 'response.function_call_arguments.done', ...this.#positionOf(item), arguments: item.text },
    ];
  }

  #partDone(message: Message, part: Part): readonly DraftEvent[] {
    const place = this.#placeOf(message, part);
    const text: DraftEvent =
      part.field === 'content'
        ? { type: 'response.output_text.done', ...place, text: part.text, logprobs: [] }
        : { type: 'response.refusal.done', ...place, refusal: part.text };
    return [text, { type: 'response.content_part.done', ...place, part: shownPart(part) }];
  }

  #positionOf(item: Item) {
    return { output_index: this.#items.indexOf(item), item_id: item.id };
  }

  #placeOf(message: Message, part: Part) {
    return { ...this.#positionOf(message), content_index: message.parts.indexOf(part) };
  }
}

function shown(item: Item, status: OutputItem['status']): OutputItem {
  const { id } = item;
  if (item.kind === 'message')
    return { id, type: 'message', role: 'assistant', status, content: item.parts.map(shownPart) };
  return { id, type: 'function_call', call_id: item.callId, name: item.name, arguments: item.text, status };
}

function shownPart({ field, text }: Part): OutputPart {
  return field === 'content'
    ? { type: 'output_text', text, annotations: [], logprobs: [] }
    : { type: 'refusal', refusal: text };
}
