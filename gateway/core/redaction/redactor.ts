import type { Finding, Span } from './labels.ts';
import { rawOf } from './lens.ts';
import { createMachine } from './machine.ts';
import { type Action, actionOn, type RedactionProfile } from './profiles.ts';
import { render } from './render.ts';

/** Takes identifiers out of one stream of text: one choice of an answer, or the arguments of one tool call. */
export interface Redactor {
  /** Takes the next piece and gives back what is safe to pass on now. */
  write(chunk: string): string;
  /** Says that nothing more comes, and gives back the rest. */
  end(): string;
  /** Identifiers acted on so far, by label. */
  counts(): Readonly<Record<string, number>>;
  /** UTF-16 units taken in. */
  scanned(): number;
  /** UTF-16 units of the taken text that were passed on or replaced; equals `scanned` after `end`. */
  emitted(): number;
}

/** A whole text, redacted, with what was found in it. */
export interface Redacted {
  readonly text: string;
  readonly counts: Readonly<Record<string, number>>;
}

/** A redactor for plain text. What it gives out, joined, does not depend on how the text was cut. */
export function createRedactor(profile: RedactionProfile = 'safe-harbor'): Redactor {
  return streamRedactor(profile, false);
}

/** A redactor for JSON text: strings stay strings and a number that identifies someone becomes 0. */
export function createJsonRedactor(profile: RedactionProfile = 'safe-harbor'): Redactor {
  return streamRedactor(profile, true);
}

/** Redacts a whole text; the same bytes as a stream would give. */
export function redactText(text: string, profile: RedactionProfile = 'safe-harbor'): Redacted {
  return redactWhole(createRedactor(profile), text);
}

/** Redacts a whole JSON text; what could be parsed before can be parsed after. */
export function redactJson(text: string, profile: RedactionProfile = 'safe-harbor'): Redacted {
  return redactWhole(createJsonRedactor(profile), text);
}

/** The identifiers that a profile acts on, in order; for `none`, those that safe harbor would. */
export function detect(text: string, profile: RedactionProfile = 'safe-harbor'): readonly Span[] {
  const spans: Span[] = [];
  const machine = createMachine({
    identifier(finding, start, end) {
      if (actionOn(profile, finding.label, finding.part) === 'keep') return;
      spans.push({ start: rawOf(machine.lens, start), end: rawOf(machine.lens, end), label: finding.label });
    },
    goesOn(end) {
      const last = spans.pop();
      if (last !== undefined) spans.push({ ...last, end: rawOf(machine.lens, end) });
    },
  });
  machine.feed(text);
  machine.finish();
  return spans;
}

function redactWhole(redactor: Redactor, text: string): Redacted {
  const head = redactor.write(text);
  return { text: head + redactor.end(), counts: redactor.counts() };
}

function streamRedactor(profile: RedactionProfile, json: boolean): Redactor {
  const counts: Record<string, number> = {};
  let out = '';
  let done = 0;
  let hiding = false;
  let scanned = 0;
  let emitted = 0;
  const machine = createMachine({
    identifier(finding, start, end, bare) {
      const action = actionOn(profile, finding.label, finding.part);
      hiding = action !== 'keep' && profile !== 'none';
      if (action !== 'keep') counts[finding.label] = (counts[finding.label] ?? 0) + 1;
      if (!hiding) return;
      const asNumber = json && bare;
      out += machine.lens.raw.slice(done, rawOf(machine.lens, start));
      out += asNumber ? '0' : replacement(finding, action, start);
      done = rawOf(machine.lens, asNumber ? end : (finding.keepFrom ?? end));
    },
    goesOn(end) {
      if (hiding) done = rawOf(machine.lens, end);
    },
  });
  const replacement = (finding: Finding, action: Action, start: number): string =>
    render(finding, action, machine.lens.text.slice(start, finding.keepFrom ?? finding.end));
  const release = (rawEnd: number): string => {
    const text = out + machine.lens.raw.slice(done, rawEnd);
    emitted += rawEnd;
    out = '';
    machine.trim();
    done = 0;
    return text;
  };
  return {
    write(chunk) {
      scanned += chunk.length;
      machine.feed(chunk);
      return release(rawOf(machine.lens, machine.at()));
    },
    end() {
      machine.finish();
      return release(machine.lens.raw.length);
    },
    counts: () => ({ ...counts }),
    scanned: () => scanned,
    emitted: () => emitted,
  };
}
