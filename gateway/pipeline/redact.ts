import type { ReplyEvent } from '../core/models/upstream.ts';
import type { RedactionProfile } from '../core/policy/decision.ts';
import { createJsonRedactor, createRedactor, type Redactor } from '../core/redaction/redactor.ts';
import { mint, type Pass } from '../domain/pass.ts';
import { Problem } from '../domain/problem.ts';
import type { RawReply } from './consult.ts';
import type { House } from './house.ts';

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
}

/** Scanning one answer may take this much time in all; beyond it nothing more is released. */
const SCAN_MS_MAX = 2_000;

/** What the caller may see: every text of every choice and tool call goes through a redactor of its own. */
export function redact(house: House, raw: RawReply): CleanReply {
  const { decision, asked } = raw.prompt.permit.grant;
  const answersInJson = (asked.prompt.reveal().responseFormat?.type ?? 'text') !== 'text';
  const tools = new Set(asked.prompt.reveal().tools?.map((tool) => tool.name));
  const expects = { answersInJson, tools, answer: house.ids.uuid().replaceAll('-', '') };
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
}

interface Expectations {
  readonly answersInJson: boolean;
  readonly tools: ReadonlySet<string>;
  /** Sets the ids of this answer's tool calls apart from those of every other. */
  readonly answer: string;
}

/** One redactor for each text of each choice and for each tool call, as long as its choice is unfinished. */
class Screen {
  readonly #profile: RedactionProfile;
  readonly #expects: Expectations;
  readonly #lanes = new Map<string, Lane>();
  readonly #done: Redactor[] = [];

  constructor(profile: RedactionProfile, expects: Expectations) {
    this.#profile = profile;
    this.#expects = expects;
  }

  pass(event: ReplyEvent): readonly ReplyEvent[] {
    switch (event.kind) {
      case 'usage':
        return [event];
      case 'finish':
        return [...this.#flush(event.choice), event];
      case 'toolCall':
        return [this.#toolCall(event)];
      default:
        return withText(event, this.#laneOf(event).redactor.write(event.text));
    }
  }

  /** What is still held back when the model has ended without finishing a choice. */
  end(): readonly ReplyEvent[] {
    const open = new Set([...this.#lanes.values()].map(({ source }) => source.choice));
    return [...open].flatMap((choice) => this.#flush(choice));
  }

  tally(): OutputTally {
    const redactors = [...this.#done, ...[...this.#lanes.values()].map((lane) => lane.redactor)];
    const output: Record<string, number> = {};
    for (const redactor of redactors) {
      for (const [label, count] of Object.entries(redactor.counts()))
        output[label] = (output[label] ?? 0) + count;
    }
    const sum = (units: (redactor: Redactor) => number) =>
      redactors.reduce((total, one) => total + units(one), 0);
    return { output, unitsScanned: sum((one) => one.scanned()), unitsEmitted: sum((one) => one.emitted()) };
  }

  #laneOf(source: Source): Lane {
    const key =
      source.kind === 'text' ? `${source.choice}/${source.field}` : `${source.choice}/tool/${source.index}`;
    const open = this.#lanes.get(key);
    if (open !== undefined) return open;
    if (this.#lanes.size >= LANES_MAX) throw new Problem('upstream_error');
    const isJson =
      source.kind === 'toolArguments' || (this.#expects.answersInJson && source.field === 'content');
    const redactor = isJson ? createJsonRedactor(this.#profile) : createRedactor(this.#profile);
    const lane = { source, redactor };
    this.#lanes.set(key, lane);
    return lane;
  }

  #flush(choice: number): readonly ReplyEvent[] {
    const lanes = [...this.#lanes].filter(([, lane]) => lane.source.choice === choice);
    return lanes.flatMap(([key, { source, redactor }]) => {
      const rest = redactor.end();
      if (redactor.emitted() !== redactor.scanned()) throw new Problem('redaction_unavailable');
      this.#lanes.delete(key);
      this.#done.push(redactor);
      return withText(source, rest);
    });
  }

  /** A name that is none of the caller's tools, or an id of the host's making, could carry text past the scan. */
  #toolCall(event: Extract<ReplyEvent, { readonly kind: 'toolCall' }>): ReplyEvent {
    if (!this.#expects.tools.has(event.name)) throw new Problem('upstream_error');
    return { ...event, id: `call_${this.#expects.answer}_${event.choice}_${event.index}` };
  }
}

const LANES_MAX = 1_024;

function withText(source: Source, text: string): readonly ReplyEvent[] {
  return text === '' ? [] : [{ ...source, text }];
}
