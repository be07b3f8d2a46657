import { classOf, LINE } from './characters.ts';
import type { Finding } from './labels.ts';
import { digitsEnd, endsWhole } from './numbers.ts';
import type { Scene } from './scene.ts';
import { codeAt, type Window } from './window.ts';

/** The most that may stand between two groups: a hyphen between asterisks and a line end. */
const GAP_UNITS_MAX = 7;

/** A US social security number by its groups, whatever marks stand between them; its ranges tell where the marks do not. */
export function findSsn({ window }: Scene, at: number): Finding | null {
  if (digitsEnd(window, at) !== at + 3) return null;
  const group = gapEnd(window, at + 3);
  if (group < 0 || digitsEnd(window, group) !== group + 2) return null;
  const serial = gapEnd(window, group + 2);
  if (serial < 0 || digitsEnd(window, serial) !== serial + 4 || !endsWhole(window, serial + 4)) return null;
  const gaps = [window.text.slice(at + 3, group), window.text.slice(group + 2, serial)] as const;
  const digits = [at, group, serial].map((start) => window.text.slice(start, start + 4));
  return isSsn(gaps, digits) ? { end: serial + 4, label: 'SSN' } : null;
}

function gapEnd(window: Window, at: number): number {
  let end = at;
  while (end - at < GAP_UNITS_MAX && isGap(codeAt(window, end))) end++;
  return end === at ? -1 : end;
}

function isGap(code: number): boolean {
  if (classOf(code) === LINE) return true;
  return code > 0 && code < 128 && ' -._*/~|'.includes(String.fromCharCode(code));
}

function isSsn([first, second]: readonly [string, string], digits: readonly string[]): boolean {
  if (first === '-' && second === '-') return true;
  if (!isInRange(digits)) return false;
  if (isJoined(first) && isJoined(second)) return true;
  if (first === second) return first.length === 1 && ' ./'.includes(first);
  return isJoined(first) && (second === ' ' || second === '\n') && !/^(19|20)/.test(digits[2] ?? '');
}

function isJoined(gap: string): boolean {
  return /[-_*~|]/.test(gap);
}

/** As the Social Security Administration issues them. */
function isInRange([area = '', group = '', serial = '']: readonly string[]): boolean {
  return !/^(000|666|9)/.test(area) && !group.startsWith('00') && serial !== '0000';
}
