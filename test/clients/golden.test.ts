import assert from 'node:assert/strict';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { keyOf, openWorld, type World } from '../world.ts';
import { DOSE_TOOL } from './driver.ts';
import { FIXTURES } from './fixtures.ts';
import { assertGolden } from './golden.ts';

let world: World;
before(async () => {
  world = await openWorld({ fixtures: FIXTURES });
});
after(() => world[Symbol.asyncDispose]());

const ROUTES = [
  '/v1/chat/completions',
  '/openai/v1/chat/completions',
  '/openai/chat/completions',
  '/openai/deployments/mayo-cr-1/chat/completions?api-version=2024-10-21',
];

const STREAMS: Readonly<Record<string, object>> = {
  answer: { stream_options: { include_usage: true } },
  capped: {},
  tool: { tools: [{ type: 'function', function: DOSE_TOOL }] },
  declined: {},
  stopped: { stream_options: { include_usage: true } },
  failed: {},
};

for (const [name, more] of Object.entries(STREAMS)) {
  test(`the frames of a stream are the same, byte for byte, on every route: ${name}`, async () => {
    for (const route of ROUTES) {
      const body = { model: 'mayo-cr-1', messages: [{ role: 'user', content: `SIMULATE ${name}` }], ...more };
      const stream = await streamed(route, body);
      assertGolden(join(import.meta.dirname, 'golden', `${name}.sse`), normalised(stream));
    }
  });
}

const RESPONSES_ROUTES = [
  '/v1/responses',
  '/openai/v1/responses',
  '/openai/responses',
  '/openai/deployments/mayo-cr-1/responses?api-version=2024-10-21',
];

const RESPONSES: Readonly<Record<string, object>> = {
  answer: { instructions: 'Be brief.', metadata: { ward: 'cedar' } },
  capped: {},
  tool: { tools: [{ type: 'function', ...DOSE_TOOL }] },
  declined: {},
  stopped: {},
  failed: {},
};

for (const [name, more] of Object.entries(RESPONSES)) {
  test(`the events of a response are the same, byte for byte, on every route: ${name}`, async () => {
    for (const route of RESPONSES_ROUTES) {
      const body = { model: 'mayo-cr-1', input: `SIMULATE ${name}`, ...more };
      const stream = await streamed(route, body);
      assertGolden(join(import.meta.dirname, 'golden', `responses-${name}.sse`), normalised(stream));
    }
  });
}

async function streamed(route: string, body: object): Promise<string> {
  const response = await fetch(`${world.url}${route}`, {
    method: 'POST',
    headers: { 'api-key': keyOf(world.demo, 'northwind'), 'content-type': 'application/json' },
    body: JSON.stringify({ ...body, stream: true }),
  });
  assert.equal(response.headers.get('content-type'), 'text/event-stream; charset=utf-8');
  return response.text();
}

/** Without what differs from one request, or one policy set, to the next. */
function normalised(stream: string): string {
  return stream
    .replaceAll(/"chatcmpl-[0-9a-f-]{36}"/g, '"chatcmpl-<request>"')
    .replaceAll(/"(resp|msg|fc)_[0-9a-f-]{36}/g, '"$1_<request>')
    .replaceAll(/"call_[0-9a-f]{32}_/g, '"call_<request>_')
    .replaceAll(/"req_[0-9a-f-]{36}"/g, '"req_<request>"')
    .replaceAll(/"dec_[0-9a-f-]{36}"/g, '"dec_<decision>"')
    .replaceAll(/"ps_[0-9a-f]{16}"/g, '"ps_<policy set>"')
    .replaceAll(/"(created|created_at|completed_at)":\d{10},/g, '"$1":"<seconds>",');
}
