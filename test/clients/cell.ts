import assert from 'node:assert/strict';
import { Problem } from '../../gateway/domain/problem.ts';
import { newPartner } from '../support/steward.ts';
import { keyOf, type World } from '../world.ts';
import type { Driver } from './driver.ts';
import { openFront } from './front.ts';
import { noteDown, type Seen } from './notebook.ts';
import type { Exception, Expectation, Scenario } from './scenarios.ts';

/** What one client saw in one scenario, or null when it has no such call. */
export interface Cell {
  readonly driver: Driver;
  readonly scenario: Scenario;
  readonly exception: Exception | undefined;
  readonly seen: (Seen & { readonly requests: number }) | null;
}

export interface Stage {
  readonly world: World;
  /** The model that the gateway makes vectors with. */
  readonly embeddingModel: string;
}

/** Lets one client play one scenario against the gateway, over a connection of its own. */
export async function play(driver: Driver, scenario: Scenario, stage: Stage): Promise<Cell> {
  const exception = scenario.except?.find(({ drivers }) => drivers.includes(driver.name));
  const gateway = await gatewayFor(scenario, stage.world);
  const cutsAnswers = scenario.hazard === 'the line is cut';
  await using front = await openFront({ gateway, cutsAnswers });
  const { headers = {}, retriesMax = 2 } = scenario;
  const key = await keyFor(scenario, stage.world);
  const call = driver.open({ url: front.url, key, headers, retriesMax })[scenario.call];
  if (call === undefined) return { driver, scenario, exception, seen: null };
  const seen = await noteDown((ear) => call(questionOf(scenario, stage), ear));
  return { driver, scenario, exception, seen: { ...seen, requests: front.requests() } };
}

function questionOf({ call, content, says = 'answer', model }: Scenario, { embeddingModel }: Stage) {
  const usual = call === 'embeddings' ? embeddingModel : 'mayo-cr-1';
  return { content: content ?? `SIMULATE ${says}`, model: model ?? usual };
}

async function gatewayFor({ hazard }: Scenario, world: World): Promise<string> {
  if (hazard === 'the ledger is down') return withoutLedger(world);
  if (hazard !== 'the gateway is busy twice') return world.url;
  let refusals = 0;
  return world.serveWith((doors) => {
    const { limiter } = doors.house;
    const reserve: typeof limiter.reserve = async (wish) => {
      refusals += 1;
      if (refusals <= 2) throw new Problem('rate_limit_exceeded', { retryAfterMs: 20 });
      return limiter.reserve(wish);
    };
    return { ...doors, house: { ...doors.house, limiter: { ...limiter, reserve } } };
  });
}

function withoutLedger(world: World): Promise<string> {
  const append = () => Promise.reject(new Problem('audit_unavailable', { retryAfterMs: 20 }));
  return world.serveWith((doors) => ({
    ...doors,
    house: { ...doors.house, ledger: { ...doors.house.ledger, append } },
  }));
}

async function keyFor({ as = 'northwind', headers = {} }: Scenario, world: World): Promise<string> {
  if (as === 'nobody') return 'sgk_test_none';
  if (as === 'who used the key') {
    const { key } = await newPartner(world);
    await world.ask('another question', { key, headers });
    return key;
  }
  if (as !== 'a used-up tenant') return keyOf(world.demo, as);
  const limits = { requests_per_minute: 1, tokens_per_minute: 100_000, concurrent: 2 };
  const { key } = await newPartner(world, { limits });
  await world.ask('the one question of this minute', { key });
  return key;
}

/** Throws where the client saw anything else than was declared for it. */
export function assertAsDeclared({ driver, scenario, exception, seen }: Cell): void {
  if (seen === null) return;
  const { error = null, textBegins, ...rest }: Expectation = { ...scenario.expects, ...exception?.expects };
  const expected: Readonly<Record<string, unknown>> = {
    ...rest,
    error: error && errorFor(driver, error, rest),
  };
  const shown = Object.fromEntries(
    Object.keys(expected).map((name) => [name, seen[name as keyof typeof seen]]),
  );
  assert.deepEqual(shown, expected);
  if (textBegins !== undefined)
    assert.ok(seen.text !== '' && textBegins.startsWith(seen.text), 'a beginning');
  if (scenario.call === 'embeddings' && error === null) assert.ok(seen.dimensions > 0, 'a vector');
}

type Error = NonNullable<Expectation['error']>;

function errorFor(
  { family }: Driver,
  { kinds, ...error }: Error,
  { requests }: Pick<Expectation, 'requests'>,
) {
  const usual = family === 'ai-sdk' ? 'AI_APICallError' : OF_STATUS[error.status ?? 0];
  const kind = kinds?.[family] ?? usual;
  return { kind: family === 'ai-sdk' && requests > 1 ? `AI_RetryError of ${kind}` : kind, ...error };
}

const OF_STATUS: Readonly<Record<number, string>> = {
  400: 'BadRequestError',
  401: 'AuthenticationError',
  403: 'PermissionDeniedError',
  404: 'NotFoundError',
  413: 'APIError',
  422: 'UnprocessableEntityError',
  429: 'RateLimitError',
  502: 'InternalServerError',
  503: 'InternalServerError',
};
