import { setImmediate } from 'node:timers/promises';
import type { PromptRule, RedactionProfile } from '../core/policy/decision.ts';
import { createJsonRedactor, createRedactor, type Redactor } from '../core/redaction/redactor.ts';
import type { Clock } from '../domain/clock.ts';
import { Problem } from '../domain/problem.ts';
import type { DataClass } from '../domain/vocabulary.ts';

/** Texts are scanned in slices of this many UTF-16 units at most; after so many units other requests have their turn. */
const SLICE_UNITS = 16_384;
/** Scanning one prompt may take this much time in all. */
const SCAN_MS_MAX = 2_000;

/**
 * Scans the texts of one prompt one after another and adds up what it found.
 * Throws `redaction_unavailable` when a scan fails or all of them take longer than two seconds.
 */
export class Sieve {
  readonly #profile: RedactionProfile;
  readonly #clock: Clock;
  readonly #counts: Record<string, number> = {};
  #scanMs = 0;
  #unitsSinceTurn = 0;

  constructor(rule: PromptRule, dataClass: DataClass, clock: Clock) {
    this.#profile = profileFor(rule, dataClass);
    this.#clock = clock;
  }

  get counts(): Readonly<Record<string, number>> {
    return this.#counts;
  }

  text(text: string): Promise<string> {
    return this.#scan(createRedactor(this.#profile), text);
  }

  json(json: string): Promise<string> {
    return this.#scan(createJsonRedactor(this.#profile), json);
  }

  async object<T extends object>(value: T): Promise<T> {
    return JSON.parse(await this.json(JSON.stringify(value)));
  }

  /** A name admits no replacement token, so it is plain or it cannot stay. */
  async isPlainName(name: string): Promise<boolean> {
    const spoken = name.replaceAll(/[_-]/g, ' ');
    return (await this.text(spoken)) === spoken;
  }

  async #scan(redactor: Redactor, text: string): Promise<string> {
    let clean = '';
    for (let at = 0; at < text.length; at += SLICE_UNITS) {
      const slice = text.slice(at, at + SLICE_UNITS);
      await this.#turn(slice.length);
      clean += this.#step(() => redactor.write(slice));
    }
    clean += this.#step(() => redactor.end());
    for (const [label, count] of Object.entries(redactor.counts()))
      this.#counts[label] = (this.#counts[label] ?? 0) + count;
    return clean;
  }

  /** Many short texts hold the processor as long as one that is as long as all of them. */
  async #turn(units: number): Promise<void> {
    this.#unitsSinceTurn += units;
    if (this.#unitsSinceTurn <= SLICE_UNITS) return;
    this.#unitsSinceTurn = units;
    await setImmediate();
  }

  #step(scan: () => string): string {
    if (this.#scanMs > SCAN_MS_MAX) throw new Problem('redaction_unavailable');
    const startedAt = this.#clock.now();
    try {
      return scan();
    } catch (cause) {
      throw new Problem('redaction_unavailable', { cause });
    } finally {
      this.#scanMs += this.#clock.now() - startedAt;
    }
  }
}

/** A limited data set may hold dates, towns and ZIP codes (45 CFR 164.514(e)), so a prompt declared as one keeps them. */
function profileFor(rule: PromptRule, dataClass: DataClass): RedactionProfile {
  if (rule === 'pass') return 'none';
  return dataClass === 'limited' ? 'limited-dataset' : 'safe-harbor';
}
