import { createLens, rawOf } from './lens.ts';
import { type Mark, SYMBOLS, symbolOfCode } from './mark.ts';

/** Watches one stream of text for a mark. */
export interface MarkWatch {
  /** Takes the next piece and gives back what is safe to pass on; nothing more once the mark was told. */
  write(chunk: string): string;
  /** Says that nothing more comes, and gives back the rest. */
  end(): string;
  /** True once eight characters of the mark in a row have come, in any of its forms. */
  isTold(): boolean;
  /** UTF-16 units taken and not given back. */
  withheld(): number;
}

/**
 * A watch on no text yet. What it gives back never holds eight characters of the mark in a row, however the text was
 * cut, as long as they lie within 256 units: it keeps back the letters that may be the beginning of such a run, and
 * nothing else. Lookalikes, escapes, invisible characters and all that stands between letters are seen through.
 */
export function createMarkWatch(mark: Mark): MarkWatch {
  const lens = createLens();
  const places = new Int32Array(PLACES);
  let state = 0;
  let read = 0;
  let letters = 0;
  let told = false;
  let withheld = 0;

  const advance = (): void => {
    for (; read < lens.text.length && !told; read++) {
      const symbol = symbolOfCode(lens.text.charCodeAt(read));
      if (symbol < 0) continue;
      state = mark.next[state * SYMBOLS + symbol] ?? 0;
      places[letters % PLACES] = read;
      letters += 1;
      told = mark.telling[state] === 1;
    }
  };
  const firstHeld = (): number => {
    const held = mark.depth[state] ?? 0;
    return held === 0 ? lens.text.length : (places[(letters - held) % PLACES] ?? 0);
  };
  const heldUnits = () => rawOf(lens, lens.text.length) - rawOf(lens, firstHeld());
  /** Gives back the original up to a place of the plain text, and forgets it. */
  const release = (end: number): string => {
    const text = lens.raw.slice(0, rawOf(lens, end));
    lens.trim(end);
    read -= end;
    for (let at = 0; at < PLACES; at++) places[at] = (places[at] ?? 0) - end;
    withheld -= text.length;
    return text;
  };
  const take = (chunk: string, ended: boolean): void => {
    withheld += chunk.length;
    if (told) return;
    lens.push(chunk, ended);
    advance();
  };
  return {
    write(chunk) {
      take(chunk, false);
      if (told) return '';
      while (heldUnits() > HELD_UNITS_MAX) state = mark.fallback[state] ?? 0;
      return release(firstHeld());
    },
    end() {
      take('', true);
      return told ? '' : release(lens.text.length);
    },
    isTold: () => told,
    withheld: () => withheld,
  };
}

/** Whether a short text tells the mark. */
export function tellsMark(mark: Mark, text: string): boolean {
  const watch = createMarkWatch(mark);
  watch.write(text);
  watch.end();
  return watch.isTold();
}

/** More than the longest form of a telling part has letters. */
const PLACES = 32;
const HELD_UNITS_MAX = 256;
