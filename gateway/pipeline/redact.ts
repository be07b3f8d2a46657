import type { ReplyEvent, TextField } from '../core/models/upstream.ts';
import type { RedactionProfile } from '../core/policy/decision.ts';
import type { Mark } from '../core/redaction/mark.ts';
import { createMarkWatch, type MarkWatch } from '../core/redaction/mark-watch.ts';
import { createJsonRedactor, createRedactor, type Redactor } from '../core/redaction/redactor.ts';
import { mint, type Pass } from '../domain/pass.ts';
import { Problem } from '../domain/problem.ts';
import type { RawReply } from './consult.ts';
import type { House } from './house.ts';
import { type JsonPromise, type JsonPromises, jsonPromises, keepsPromise } from './json-promise.ts';
import type { StopReason } from './telemetry.ts';

export type CleanReply = Pass<
  'redacted',
  {
    readonly raw: RawReply;
    /** What the caller may see; usage events pass through. Throws `redaction_unavailable` rather than an unscanned word. */
    readonly batches: AsyncGenerator<readonly ReplyEvent[]>;
    /** Counts so far: categories replaced, UTF-16 units scanned and released. */
    readonly tally: () => OutputTally;
  }
>;

export interface OutputTally {
  readonly output: Readonly<Record<string, number>>;
  readonly unitsScanned: number;
  readonly unitsEmitted: number;
  /** Choices that the gateway ended, by reason. */
  readonly stopped: Readonly<Partial<Record<StopReason, number>>>;
}

/** Scanning one answer may take this much time in all; beyond it nothing more is released. */
const SCAN_MS_MAX = 2_000;

/**
 * What the caller may see: every text of every choice and tool call goes through a redactor of its own, and past a
 * watch for the mark of the owner's preamble. A choice that tells the mark ends there with `content_filter`.
 */
export function redact(house: House, raw: RawReply): CleanReply {
  const { decision, asked } = raw.prompt.permit.grant;
  const promises = jsonPromises(asked.prompt.reveal(), raw.prompt.prompt.reveal());
  const { mark } = raw.prompt.permit.owner;
  const expects = { ...promises, mark, answer: house.ids.uuid().replaceAll('-', '') };
  const screen = new Screen(decision.obligations.redact, expects);
  return mint({ raw, batches: screened(house, screen, raw), tally: () => screen.tally() });
}

async function* screened(house: House, screen: Screen, raw: RawReply): AsyncGenerator<readonly ReplyEvent[]> {
  let scanMs = 0;
  for await (const batch of raw.reply.events) {
    const startedAt = house.clock.now();
    const clean = guarded(() => batch.flatMap((event) => screen.pass(event)));
    scanMs += house.clock.now() - startedAt;
    if (scanMs > SCAN_MS_MAX) throw new Problem('redaction_unavailable');
    if (clean.length > 0) yield clean;
  }
  const rest = guarded(() => screen.end());
  if (rest.length > 0) yield rest;
}

function guarded<T>(scan: () => T): T {
  try {
    return scan();
  } catch (cause) {
    throw cause instanceof Problem ? cause : new Problem('redaction_unavailable', { cause });
  }
}

type Source = Extract<ReplyEvent, { readonly kind: 'text' | 'toolArguments' }>;
interface Lane {
  readonly source: Source;
  readonly redactor: Redactor;
  /** Stands before the redactor, which might otherwise change a part of the mark. */
  readonly watch: MarkWatch | undefined;
  readonly promise: JsonPromise | undefined;
  /** What was let out so far, where something was promised of it. */
  said: string;
}

interface Expectations extends JsonPromises {
  readonly mark: Mark | undefined;
  /** Sets the ids of this answer's tool calls apart from those of every other. */
  readonly answer: string;
}

/** One redactor for each text of each choice and for each tool call, as long as its choice is unfinished. */
class Screen {
  readonly #profile: RedactionProfile;
  readonly #expects: Expectations;
  readonly #lanes = new Map<string, Lane>();
  readonly #done: Lane[] = [];
  readonly #stopped = new Map<number, StopReason>();
  /** The tool that each call is of, by its lane. */
  readonly #called = new Map<string, string>();

  constructor(profile: RedactionProfile, expects: Expectations) {
    this.#profile = profile;
    this.#expects = expects;
  }

  pass(event: ReplyEvent): readonly ReplyEvent[] {
    if (event.kind === 'usage') return [event];
    if (this.#stopped.has(event.choice)) return [];
    switch (event.kind) {
      case 'finish':
        return this.#finish(event);
      case 'toolCall':
        return [this.#toolCall(event)];
      default:
        return this.#say(event);
    }
  }

  /** What is still held back when the model has ended without finishing a choice. */
  end(): readonly ReplyEvent[] {
    const open = new Set([...this.#lanes.values()].map(({ source }) => source.choice));
    return [...open].flatMap((choice) => this.#flush(choice));
  }

  tally(): OutputTally {
    const lanes = [...this.#done, ...this.#lanes.values()];
    const redactors = lanes.map((lane) => lane.redactor);
    const output: Record<string, number> = {};
    for (const redactor of redactors) {
      for (const [label, count] of Object.entries(redactor.counts()))
        output[label] = (output[label] ?? 0) + count;
    }
    const sum = (units: (redactor: Redactor) => number) =>
      redactors.reduce((total, one) => total + units(one), 0);
    const withheld = lanes.reduce((total, { watch }) => total + (watch?.withheld() ?? 0), 0);
    return {
      output,
      unitsScanned: sum((one) => one.scanned()) + withheld,
      unitsEmitted: sum((one) => one.emitted()),
      stopped: countBy(this.#stopped.values()),
    };
  }

  #say(event: Source): readonly ReplyEvent[] {
    const lane = this.#laneOf(event);
    const { watch, redactor } = lane;
    const passed = watch === undefined ? event.text : watch.write(event.text);
    if (watch?.isTold()) return this.#stop(event.choice, 'preamble_leak');
    return spoken(lane, redactor.write(passed));
  }

  #finish(event: Finish): readonly ReplyEvent[] {
    const { choice, reason } = event;
    const rest = this.#flush(choice);
    if (this.#stopped.has(choice)) return rest;
    const isWhole = reason === 'stop' || reason === 'tool_calls';
    const isBroken =
      isWhole && this.#done.some((lane) => lane.source.choice === choice && this.#isBroken(lane));
    return [...rest, ...(isBroken ? this.#stop(choice, 'schema_broken') : [event])];
  }

  /** True for a text that redaction has changed, or may have, and that no longer is what was promised. */
  #isBroken({ promise, redactor, said }: Lane): boolean {
    if (promise === undefined) return false;
    const isChanged = this.#profile !== 'none' && Object.keys(redactor.counts()).length > 0;
    if (!isChanged && promise.wasGiven) return false;
    return said.length > SAID_UNITS_MAX || !keepsPromise(said, promise);
  }

  /** What has left has left; nothing that is still here follows it. */
  #stop(choice: number, reason: StopReason): readonly ReplyEvent[] {
    for (const [key, lane] of this.#lanesOf(choice)) this.#close(key, lane);
    this.#stopped.set(choice, reason);
    return [{ kind: 'finish', choice, reason: 'content_filter' }];
  }

  #lanesOf(choice: number): readonly (readonly [string, Lane])[] {
    return [...this.#lanes].filter(([, lane]) => lane.source.choice === choice);
  }

  #close(key: string, lane: Lane): void {
    this.#lanes.delete(key);
    this.#done.push(lane);
  }

  #laneOf(source: Source): Lane {
    const key = keyOf(source);
    const open = this.#lanes.get(key);
    if (open !== undefined) return open;
    if (this.#lanes.size >= LANES_MAX) throw new Problem('upstream_error');
    const promise = this.#promiseOf(source, key);
    const isJson = source.kind === 'toolArguments' || promise !== undefined;
    const redactor = isJson ? createJsonRedactor(this.#profile) : createRedactor(this.#profile);
    const { mark } = this.#expects;
    const lane = { source, redactor, watch: mark && createMarkWatch(mark), promise, said: '' };
    this.#lanes.set(key, lane);
    return lane;
  }

  #promiseOf(source: Source, key: string): JsonPromise | undefined {
    const { content, tools } = this.#expects;
    if (source.kind === 'toolArguments') return tools.get(this.#called.get(key) ?? '');
    return source.field === 'content' ? content : undefined;
  }

  #flush(choice: number): readonly ReplyEvent[] {
    const rests: ReplyEvent[] = [];
    for (const [key, lane] of this.#lanesOf(choice)) {
      const { redactor, watch } = lane;
      const passed = redactor.write(watch?.end() ?? '');
      if (watch?.isTold()) return this.#stop(choice, 'preamble_leak');
      const text = passed + redactor.end();
      if (redactor.emitted() !== redactor.scanned()) throw new Problem('redaction_unavailable');
      this.#close(key, lane);
      rests.push(...spoken(lane, text));
    }
    return rests;
  }

  /** A name that is none of the caller's tools, or an id of the host's making, could carry text past the scan. */
  #toolCall(event: ToolCallEvent): ToolCallEvent {
    if (!this.#expects.tools.has(event.name)) throw new Problem('upstream_error');
    this.#called.set(keyOf({ ...event, kind: 'toolArguments' }), event.name);
    return { ...event, id: `call_${this.#expects.answer}_${event.choice}_${event.index}` };
  }
}

type Finish = Extract<ReplyEvent, { readonly kind: 'finish' }>;
type ToolCallEvent = Extract<ReplyEvent, { readonly kind: 'toolCall' }>;

function countBy<Word extends string>(words: Iterable<Word>): Partial<Record<Word, number>> {
  const counts: Partial<Record<Word, number>> = {};
  for (const word of words) counts[word] = (counts[word] ?? 0) + 1;
  return counts;
}

const LANES_MAX = 1_024;
/** Longer JSON is not held against its schema, and counts as broken once something in it was replaced. */
const SAID_UNITS_MAX = 1_000_000;

type Place =
  | { readonly kind: 'text'; readonly choice: number; readonly field: TextField }
  | { readonly kind: 'toolArguments'; readonly choice: number; readonly index: number };

function keyOf(place: Place): string {
  return place.kind === 'text' ? `${place.choice}/${place.field}` : `${place.choice}/tool/${place.index}`;
}

function spoken(lane: Lane, text: string): readonly ReplyEvent[] {
  if (lane.promise !== undefined && lane.said.length <= SAID_UNITS_MAX) lane.said += text;
  return text === '' ? [] : [{ ...lane.source, text }];
}
