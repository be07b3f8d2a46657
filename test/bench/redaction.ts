import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { createRedactor, redactText } from '../../gateway/core/redaction/redactor.ts';

/**
 * What redaction costs per kB, whole and cut in pieces, against reading the same text once as the baseline; and what
 * it finds, when scorer and texts stand beside the checkout.
 */
const NOTE =
  'Seen on 03/14/2025 by Dr. Wren Calloway for newly found hypertension, readings 152/96 and 148/94 mmHg. Potassium 3.9, ' +
  'creatinine 0.9, body mass index 29. Takes ibuprofen for knee pain on most days. Plan: amlodipine 5 mg once daily, ' +
  'home readings for two weeks, call 555-0142 when above 180/110. MRN 00412345. Review after four weeks; add an ACE ' +
  'inhibitor when the target is not reached, refer for secondary causes when the potassium is low. ';
const TEXT = NOTE.repeat(8);
const PIECE = 17;
const ROOT = join(import.meta.dirname, '..', '..');
const SHARED = join(ROOT, '..', 'shared');
const SCORER = join(SHARED, 'tools', 'redaction', 'score.mjs');
const DATA = join(SHARED, 'data', 'redaction');

const perKb = {
  whole: microsPerKb(() => redactText(TEXT)),
  streamed: microsPerKb(redactInPieces),
  baseline: microsPerKb(readOnce),
};
const score = scored();
const lines = [
  `whole text     ${perKb.whole.toFixed(1)} µs/kB   must <= 80, aim <= 40`,
  `in pieces      ${perKb.streamed.toFixed(1)} µs/kB   pieces of ${PIECE} characters`,
  `reading once   ${perKb.baseline.toFixed(1)} µs/kB   the baseline`,
  `scores         ${score}`,
];
process.stdout.write(`${lines.join('\n')}\n`);
process.stdout.write(
  `${JSON.stringify({ bench: 'redaction', node: process.version, microsPerKb: perKb, score })}\n`,
);

/** The least of many short turns: what the machine does when nobody disturbs it. */
function microsPerKb(work: () => unknown): number {
  let least = Number.POSITIVE_INFINITY;
  for (let turn = 0; turn < 60; turn++) {
    const before = process.cpuUsage();
    for (let run = 0; run < 50; run++) work();
    const { user, system } = process.cpuUsage(before);
    least = Math.min(least, (user + system) / 50 / (TEXT.length / 1_000));
  }
  return least;
}

function redactInPieces(): string {
  const redactor = createRedactor();
  let out = '';
  for (let at = 0; at < TEXT.length; at += PIECE) out += redactor.write(TEXT.slice(at, at + PIECE));
  return out + redactor.end();
}

function readOnce(): number {
  let sum = 0;
  for (let at = 0; at < TEXT.length; at++) sum += TEXT.charCodeAt(at);
  return sum;
}

/** Runs the scorer that stands beside the checkout, when it does. */
function scored(): string {
  if (!existsSync(SCORER) || !existsSync(DATA))
    return 'skipped: scorer and texts are not beside this checkout';
  const module = join(ROOT, 'gateway', 'core', 'redaction', 'redactor.ts');
  const args = [SCORER, '--data', DATA, '--module', module];
  const run = spawnSync(process.execPath, args, { encoding: 'utf8', timeout: 600_000 });
  process.stdout.write(run.stdout);
  return run.status === 0 ? 'printed above' : `failed with ${run.status}`;
}
