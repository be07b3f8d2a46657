import assert from 'node:assert/strict';
import { connect } from 'node:net';
import { after, before, test } from 'node:test';
import type { Doors } from '../../gateway/http/doors.ts';
import { bodyOf, type Question } from '../support/ask.ts';
import { keyOf, openWorld, type World, type WorldOptions } from '../world.ts';

/** Stands for content in every attack: nothing that is kept or answered may hold it. */
export const CANARY = 'Quillan zebrafish';
export const SSN = '536-22-8718';
const TELLING = /zebrafish|536-?22-?8718|sgk_(test|live)_[0-9A-Za-z]{12}_|<html|node_modules|\.ts:\d+/i;

/** One row of the catalogue of bad input, by its id. */
export function row(id: string, title: string, run: () => Promise<void> | void): void {
  test(`${id}: ${title}`, run);
}

/** An answer as it came over the connection. */
export interface Answer {
  readonly status: number;
  readonly id: string;
  readonly headers: Headers;
  readonly text: string;
}

/** A gateway under attack. */
export interface Target {
  readonly world: World;
  /** Where every refusal has a record of its own, so that each row can be asked for. */
  readonly url: string;
  readonly key: string;
}

/**
 * Opens one gateway for the file. When the file is through, the gateway still answers, nothing was a fault, and no
 * answer had a status of 500 or above but with the codes named.
 */
export function underAttack(
  options: () => Promise<WorldOptions> | WorldOptions,
  mayFailWith: readonly string[] = [],
): Target {
  let target: Target | undefined;
  const opened = (): Target => {
    if (target === undefined) throw new Error('the gateway is not open yet');
    return target;
  };
  before(async () => {
    const world = await openWorld(await options());
    target = { world, url: await world.serveWith(withPatientDesk), key: keyOf(world.demo, 'northwind') };
  });
  after(async () => {
    const { world, url } = opened();
    assert.equal((await fetch(`${url}/healthz`)).status, 200, 'the process is alive');
    assert.deepEqual(world.log.faults, []);
    const failed = world.log.requests.filter(({ status }) => status >= 500).map(({ code }) => code ?? '');
    assert.deepEqual(
      [...new Set(failed)].filter((code) => !mayFailWith.includes(code)),
      [],
    );
    assert.doesNotMatch(JSON.stringify(world.log), TELLING);
    await world[Symbol.asyncDispose]();
  });
  return {
    get world() {
      return opened().world;
    },
    get url() {
      return opened().url;
    },
    get key() {
      return opened().key;
    },
  };
}

/** A catalogue is a flood, and of a flood only the first are recorded one by one. */
export function withPatientDesk(doors: Doors): Doors {
  const refusals = { deservesOwnRecord: () => true, waitMs: () => undefined };
  return { ...doors, house: { ...doors.house, refusals } };
}

/** Asks for a chat completion with the good key, or with other headers, or with a body of its own. */
export async function post(
  { url, key }: Target,
  question: Question | Buffer,
  headers: Readonly<Record<string, string>> = {},
): Promise<Answer> {
  const body = Buffer.isBuffer(question) ? new Uint8Array(question) : JSON.stringify(bodyOf(question));
  return get(`${url}/v1/chat/completions`, {
    method: 'POST',
    headers: { 'api-key': key, 'content-type': 'application/json', ...headers },
    body,
  });
}

export async function get(url: string, init: RequestInit = {}): Promise<Answer> {
  const { status, headers, ...response } = await answerOf(await fetch(url, init));
  return { status, headers, ...response };
}

async function answerOf(response: Response): Promise<Answer> {
  const { status, headers } = response;
  return { status, headers, id: headers.get('x-request-id') ?? '', text: await response.text() };
}

/** Sends the parts as they are, and gives every answer that came until the connection was closed. */
export function sendRaw(
  { url }: Pick<Target, 'url'>,
  ...parts: readonly string[]
): Promise<readonly Answer[]> {
  const { hostname, port } = new URL(url);
  return new Promise((resolve) => {
    const socket = connect(Number(port), hostname);
    let text = '';
    socket.setTimeout(20_000, () => socket.destroy());
    socket.on('data', (piece) => {
      text += piece.toString('latin1');
    });
    socket.on('error', () => {});
    socket.once('close', () =>
      resolve(
        text
          .split(/(?=HTTP\/1\.1 \d{3})/)
          .filter(Boolean)
          .map(parsed),
      ),
    );
    for (const part of parts) socket.write(part, 'latin1');
  });
}

function parsed(text: string): Answer {
  const [head = '', ...body] = text.split('\r\n\r\n');
  const [line = '', ...fields] = head.split('\r\n');
  const headers = new Headers(fields.map((field) => field.split(/: ?/, 2) as [string, string]));
  const id = headers.get('x-request-id') ?? '';
  return { status: Number(line.split(' ')[1]), id, headers, text: body.join('\r\n\r\n') };
}

export interface Verdict {
  readonly status: number;
  readonly code: string;
}

/**
 * What every refusal has in common: the envelope of its plane, nothing of what was sent, one record, nothing metered,
 * and the model not asked.
 */
export async function refused({ world }: Target, answer: Answer, verdict: Verdict): Promise<void> {
  assert.deepEqual({ status: answer.status, code: codeOf(answer) }, verdict, answer.text.slice(0, 500));
  const records = await world.recordsOf(answer.id);
  assert.deepEqual(
    records.map(({ phase, httpStatus, errorCode }) => ({ phase, status: httpStatus, code: errorCode })),
    [{ phase: 'single', ...verdict }],
  );
  assert.doesNotMatch(answer.text + JSON.stringify(records), TELLING);
  const requestId = records[0]?.requestId ?? '';
  assert.deepEqual(await world.usageOf(requestId), []);
  assert.ok(!world.callsToModel().includes(requestId), 'the model was asked');
}

/** The same for a request that failed after the model was asked: two records, and one line metered. */
export async function failed({ world }: Target, answer: Answer, verdict: Verdict): Promise<void> {
  assert.deepEqual({ status: answer.status, code: codeOf(answer) }, verdict, answer.text.slice(0, 500));
  await settledOnce(world, answer);
}

/** Two records and one metered line, none of them with content. */
export async function settledOnce(world: World, answer: Pick<Answer, 'id' | 'text'>): Promise<void> {
  const records = await world.recordsOf(answer.id);
  assert.deepEqual(
    records.map(({ phase }) => phase),
    ['decided', 'completed'],
  );
  assert.equal((await world.usageOf(records[0]?.requestId ?? '')).length, 1);
  assert.doesNotMatch(answer.text + JSON.stringify(records), TELLING);
}

/** The code in the envelope of either plane; undefined when the answer is no envelope. */
function codeOf({ headers, text }: Answer): string | undefined {
  if (!/^application\/(problem\+)?json/.test(headers.get('content-type') ?? '')) return undefined;
  const body = JSON.parse(text) as { code?: string; error?: { code: string } };
  return body.error?.code ?? body.code;
}
