import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Command } from 'commander';
import { z } from 'zod';
import { ConfigError, readConfig, readOperatorKey } from '../config.ts';
import { DEMO_FILE } from '../demo.ts';
import type { OperatorRole } from '../domain/vocabulary.ts';
import { ownUrl } from '../own-url.ts';
import { gatewayUrl } from './arguments.ts';

/** The gateway said no; the message is its own. */
export class Refusal extends Error {}

export interface RemoteOptions {
  readonly url?: string;
}

const WAIT_MS = 30_000;
const problem = z.looseObject({
  code: z.string().max(64),
  title: z.string().max(512),
  param: z.string().max(128).nullable().default(null),
  reasons: z.array(z.string().max(256)).max(64).default([]),
});
const demoFile = z.looseObject({
  baseUrl: z.url(),
  operators: z.record(z.string(), z.looseObject({ apiKey: z.string() })),
});

/** Adds the option that every verb which talks to a running gateway takes. */
export function speaksTo(command: Command): Command {
  return command.option(
    '--url <url>',
    'the gateway; default STEWARDGATE_PUBLIC_URL, or the demo on this machine',
    gatewayUrl,
  );
}

/**
 * Calls the admin or audit plane of a running gateway as an operator: by STEWARDGATE_OPERATOR_KEY, else by the demo's own
 * key for that role. Gives the JSON answer. Throws Refusal with the gateway's code and words.
 */
export async function callGateway(
  options: RemoteOptions,
  role: OperatorRole,
  request: { readonly method: 'GET' | 'POST' | 'PUT'; readonly path: string; readonly body?: unknown },
): Promise<unknown> {
  const { url, key } = door(options, role);
  const response = await fetch(new URL(request.path, url), {
    method: request.method,
    headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
    ...(request.body === undefined ? {} : { body: JSON.stringify(request.body) }),
    redirect: 'error',
    signal: AbortSignal.timeout(WAIT_MS),
  }).catch((cause: unknown) => {
    throw new Refusal(`no gateway answers on ${url}`, { cause });
  });
  const answer: unknown = await response.json().catch(() => null);
  if (response.ok) return answer;
  const said = problem.safeParse(answer);
  throw new Refusal(said.success ? linesOf(said.data) : `HTTP ${response.status}`);
}

function linesOf({ code, title, param, reasons }: z.output<typeof problem>): string {
  const about = param === null ? [] : [`parameter: ${param}`];
  return [`${code}: ${title}`, ...about, ...reasons].join('\n  ');
}

function door(options: RemoteOptions, role: OperatorRole): { readonly url: string; readonly key: string } {
  const config = readConfig();
  const key = readOperatorKey();
  if (key !== undefined) return { url: options.url ?? config.publicUrl ?? ownUrl(config), key };
  const demo = readDemo(join(config.dataDir, DEMO_FILE));
  const demoKey = demo?.operators[role]?.apiKey;
  if (demo === undefined || demoKey === undefined)
    throw new ConfigError('set STEWARDGATE_OPERATOR_KEY, or start the demo first');
  return { url: options.url ?? demo.baseUrl, key: demoKey };
}

function readDemo(file: string): z.output<typeof demoFile> | undefined {
  try {
    return demoFile.parse(JSON.parse(readFileSync(file, 'utf8')));
  } catch {
    return undefined;
  }
}
