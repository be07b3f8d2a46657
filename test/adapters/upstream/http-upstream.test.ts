import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { test } from 'node:test';
import { gzipSync } from 'node:zlib';
import {
  createHttpUpstream,
  type HttpUpstreamOptions,
} from '../../../gateway/adapters/upstream/http-upstream.ts';
import type { ModelCall, ModelReply } from '../../../gateway/core/models/upstream.ts';
import { Problem, type ProblemCode } from '../../../gateway/domain/problem.ts';
import { call, eventsOf, isProblem, prompt, textOf } from './calls.ts';
import {
  answer,
  DONE,
  delta,
  finish,
  frame,
  JSON_TYPE,
  json,
  type Script,
  type ScriptedHost,
  SSE,
  scriptedHost,
  sse,
} from './scripted-host.ts';

function upstreamOf(baseUrl: string, more: Partial<HttpUpstreamOptions> = {}) {
  return createHttpUpstream({
    baseUrl,
    authorize: () => Promise.resolve({ name: 'authorization', value: 'Bearer key' }),
    clientRequestIdHeader: 'x-client-request-id',
    ...more,
  });
}

type Ask = (more?: Partial<ModelCall>, signal?: AbortSignal) => Promise<ModelReply>;

/** Plays the script, and closes host and adapter afterwards. */
async function against(
  script: Script,
  check: (ask: Ask, host: ScriptedHost) => Promise<void>,
  options: Partial<HttpUpstreamOptions> = {},
): Promise<void> {
  await using host = await scriptedHost(script);
  await using upstream = upstreamOf(host.baseUrl, options);
  await check((more, signal = new AbortController().signal) => upstream.ask(call(more), signal), host);
}

async function problemOf(run: Promise<unknown>): Promise<Problem> {
  const thrown = await run.then(
    () => assert.fail('nothing was thrown'),
    (error: unknown) => error,
  );
  assert.ok(thrown instanceof Problem, String(thrown));
  return thrown;
}

const WHOLE: Partial<ModelCall> = { stream: false };
const OK = [delta({ content: 'All ' }), delta({ content: 'well.' }), finish(), DONE];
const USAGE = frame({ choices: [], usage: { prompt_tokens: 7, completion_tokens: 3 } });

test('a stream is asked for at the one path, signed in, with our request id, uncompressed', async () => {
  await against(sse(...OK), async (ask, host) => {
    assert.equal(textOf(await eventsOf(await ask())), 'All well.');
    const [seen] = host.seen;
    assert.equal(seen?.path, '/openai/v1/chat/completions');
    assert.equal(seen?.headers.authorization, 'Bearer key');
    assert.equal(seen?.headers['x-client-request-id'], call().requestId);
    assert.equal(seen?.headers['accept-encoding'], 'identity');
    assert.equal(seen?.body.model, 'mayo-cr-1-deployment');
  });
});

test('a whole answer is one batch of the same events', async () => {
  await against(json(200, answer('All well.')), async (ask) => {
    const batches = [];
    for await (const batch of (await ask(WHOLE)).events) batches.push(batch);
    assert.deepEqual(batches, [
      [
        { kind: 'text', choice: 0, field: 'content', text: 'All well.' },
        { kind: 'finish', choice: 0, reason: 'stop' },
        { kind: 'usage', usage: { input: 7, cachedInput: 0, output: 3, reasoning: 0 } },
      ],
    ]);
  });
});

test("the host's request id and fingerprint are taken when they are plain", async () => {
  const headers = { 'apim-request-id': 'a-1', 'x-request-id': 'b-2' };
  await against(json(200, { ...answer('x'), system_fingerprint: 'fp_9' }, headers), async (ask) => {
    const reply = await ask(WHOLE);
    await eventsOf(reply);
    assert.equal(reply.upstreamRequestId, 'a-1');
    assert.equal(reply.systemFingerprint, 'fp_9');
  });
  await against(json(200, answer('x'), { 'x-request-id': 'Jane Roe <1>' }), async (ask) => {
    assert.equal((await ask(WHOLE)).upstreamRequestId, null);
  });
});

const REFUSALS: readonly (readonly [string, Script, ProblemCode])[] = [
  ['400', json(400, { error: { code: 'invalid_value', param: 'seed' } }), 'upstream_rejected'],
  ['400 content_filter', json(400, { error: { code: 'content_filter' } }), 'content_filter'],
  ['401 of an API gateway', json(401, { statusCode: 401, message: 'no' }), 'upstream_auth_error'],
  ['403', json(403, { error: { code: 'Forbidden' } }), 'upstream_auth_error'],
  ['404', json(404, { error: { code: 'DeploymentNotFound' } }), 'upstream_misconfigured'],
  ['408', json(408, ''), 'upstream_timeout'],
  ['429', json(429, { error: { code: '429' } }), 'upstream_busy'],
  ['500', json(500, { error: { message: 'boom' } }), 'upstream_error'],
  ['503 in plain text', json(503, 'try later', { 'content-type': 'text/plain' }), 'upstream_error'],
  ['a redirect', json(302, '', { location: 'http://169.254.169.254/' }), 'upstream_error'],
  ['a refusal of 10 MB', json(400, 'x'.repeat(10_000_000)), 'upstream_rejected'],
  ['HTML with 200', json(200, '<html>', { 'content-type': 'text/html' }), 'upstream_error'],
  ['no content type', json(200, '{}', { 'content-type': '' }), 'upstream_error'],
  ['gzip', json(200, gzipSync('{}').toString('latin1'), { 'content-encoding': 'gzip' }), 'upstream_error'],
];

for (const [what, script, code] of REFUSALS) {
  test(`${what} is ${code}, asked once`, async () => {
    await against(script, async (ask, host) => {
      for (const stream of [true, false]) assert.equal((await problemOf(ask({ stream }))).code, code);
      assert.equal(host.seen.length, 2);
    });
  });
}

test('a JSON body for a stream and a stream for a whole answer are upstream_error', async () => {
  await against(json(200, answer('x')), async (ask) => {
    assert.equal((await problemOf(ask())).code, 'upstream_error');
  });
  await against(sse(...OK), async (ask) => {
    assert.equal((await problemOf(ask(WHOLE))).code, 'upstream_error');
  });
});

test("a host's short wait on 429 or 503 is waited for, and the call sent again", async () => {
  for (const status of [429, 503]) {
    const script: Script = (response, request, nth) =>
      nth < 3
        ? json(status, '', { 'retry-after-ms': '5' })(response, request, nth)
        : json(200, answer('third'))(response, request, nth);
    await against(script, async (ask, host) => {
      assert.equal(textOf(await eventsOf(await ask(WHOLE))), 'third');
      assert.equal(host.seen.length, 3);
    });
  }
});

test('a call is sent at most three times', async () => {
  await against(json(429, '', { 'retry-after-ms': '5' }), async (ask, host) => {
    const problem = await problemOf(ask());
    assert.equal(problem.code, 'upstream_busy');
    assert.equal(problem.retryAfterMs, 1_000);
    assert.equal(host.seen.length, 3);
  });
});

test('a long or unreadable wait is not waited for', async () => {
  for (const [value, retryAfterMs] of [
    ['3', 3_000],
    ['999999', 30_000],
    ['abc', 2_000],
  ] as const) {
    await against(json(429, '', { 'retry-after': value }), async (ask, host) => {
      assert.equal((await problemOf(ask())).retryAfterMs, retryAfterMs);
      assert.equal(host.seen.length, 1);
    });
  }
});

test('no header makes a filter refusal or a rejection be sent again', async () => {
  for (const body of [{ error: { code: 'content_filter' } }, { error: { code: 'invalid_value' } }]) {
    await against(json(400, body, { 'retry-after-ms': '1' }), async (ask, host) => {
      await assert.rejects(ask());
      assert.equal(host.seen.length, 1);
    });
  }
});

test('a connection that is refused is tried three times and is upstream_error', async () => {
  const closed = createServer();
  closed.listen(0, '127.0.0.1');
  await once(closed, 'listening');
  const { port } = closed.address() as { port: number };
  closed.close();
  await once(closed, 'close');
  let signedIn = 0;
  const authorize = async () => {
    signedIn += 1;
    return { name: 'authorization', value: 'Bearer key' };
  };
  await using upstream = upstreamOf(`http://127.0.0.1:${port}/v1`, { authorize });
  assert.equal((await problemOf(upstream.ask(call(), new AbortController().signal))).code, 'upstream_error');
  assert.equal(signedIn, 3);
});

test('a request that was sent is never sent again, even when the connection breaks before any answer', async () => {
  await against(
    (response) => response.destroy(),
    async (ask, host) => {
      assert.equal((await problemOf(ask())).code, 'upstream_error');
      assert.equal(host.seen.length, 1);
    },
  );
});

test('headers that do not come in time are upstream_timeout, and the host is let go', async () => {
  await against(
    () => {},
    async (ask, host) => {
      assert.equal((await problemOf(ask())).code, 'upstream_timeout');
      await host.closed();
    },
    { times: { headersMs: 50 } },
  );
});

test('a whole answer may take longer than the headers of a stream, but not longer than the total', async () => {
  const slow: Script = (response) =>
    setTimeout(() => json(200, answer('late'))(response, response.req, 1), 100);
  await against(slow, async (ask) => assert.equal(textOf(await eventsOf(await ask(WHOLE))), 'late'), {
    times: { headersMs: 10 },
  });
  await against(
    () => {},
    async (ask) => assert.equal((await problemOf(ask(WHOLE))).code, 'upstream_timeout'),
    { times: { totalMs: 50 } },
  );
});

test('silence within a stream is upstream_timeout after the idle time', async () => {
  const script: Script = (response) => {
    response.writeHead(200, SSE);
    response.write(delta({ content: 'half' }));
  };
  await against(
    script,
    async (ask, host) => {
      const reply = await ask();
      assert.equal((await problemOf(eventsOf(reply))).code, 'upstream_timeout');
      await host.closed();
    },
    { times: { idleMs: 60 } },
  );
});

test('a stream that drips for ever is cut at the total time', async () => {
  const script: Script = (response) => {
    response.writeHead(200, SSE);
    const drip = setInterval(() => response.write(': ping\n\n'), 5);
    response.on('close', () => clearInterval(drip));
  };
  await against(
    script,
    async (ask, host) => {
      const reply = await ask();
      assert.equal((await problemOf(eventsOf(reply))).code, 'upstream_timeout');
      await host.closed();
    },
    { times: { totalMs: 80, idleMs: 60 } },
  );
});

test('an answer that nobody reads is let go at the total time', async () => {
  const script: Script = (response) => {
    response.writeHead(200, SSE);
    response.write(delta({ content: 'x' }));
  };
  await against(
    script,
    async (ask, host) => {
      await ask();
      await host.closed();
    },
    { times: { totalMs: 50 } },
  );
});

test('a stream longer than its cap is cut and the host let go', async () => {
  const script: Script = (response) => {
    response.writeHead(200, SSE);
    const more = () => {
      while (!response.destroyed && response.write(delta({ content: 'word ' })));
    };
    response.on('drain', more);
    more();
  };
  await against(script, async (ask, host) => {
    const reply = await ask({ prompt: prompt({ maxCompletionTokens: 50 }) });
    assert.equal((await problemOf(eventsOf(reply))).code, 'upstream_error');
    await host.closed();
  });
});

const BROKEN_STREAMS: readonly (readonly [string, Script])[] = [
  ['an end without finish', sse(delta({ content: 'half' }))],
  [
    'a reset',
    (response) => {
      response.writeHead(200, SSE);
      response.write(delta({ content: 'half' }), () => response.destroy());
    },
  ],
  ['half a character', sse(delta({ content: 'half' }), Buffer.from('data: é').subarray(0, 7))],
  ['a malformed chunk', sse(delta({ content: 'half' }), 'data: {oops\n\n', finish(), DONE)],
];

for (const [what, script] of BROKEN_STREAMS) {
  test(`${what} gives what came before, then upstream_error`, async () => {
    await against(script, async (ask) => {
      let text = '';
      const reply = await ask();
      const read = async () => {
        for await (const batch of reply.events) text += textOf(batch);
      };
      await assert.rejects(read(), isProblem('upstream_error'));
      assert.equal(text, 'half');
    });
  });
}

const BROKEN_WHOLES: readonly (readonly [string, Script])[] = [
  ['no JSON', json(200, '{oops')],
  ['no UTF-8', (response) => response.writeHead(200, JSON_TYPE).end(Buffer.from([0x22, 0xff, 0x22]))],
  ['nothing', json(200, '')],
  ['no finish reason', json(200, { choices: [{ index: 0, message: { content: 'x' } }] })],
  ['no choices', json(200, {})],
  ['more than 8 MiB', json(200, answer('x'.repeat(9_000_000)))],
  [
    'a body shorter than its length says',
    (response) => {
      response.writeHead(200, { ...JSON_TYPE, 'content-length': 1_000 });
      response.write('{"choices":[', () => response.destroy());
    },
  ],
];

for (const [what, script] of BROKEN_WHOLES) {
  test(`a whole answer with ${what} is upstream_error`, async () => {
    await against(script, async (ask) => {
      const bounds = prompt({ maxCompletionTokens: 10_000_000 });
      const reply = await ask({ ...WHOLE, prompt: bounds });
      await assert.rejects(eventsOf(reply), isProblem('upstream_error'));
    });
  });
}

test('an error frame within a stream is the problem it names', async () => {
  const broken = frame({ error: { code: 'content_filter', message: 'no' } });
  await against(sse(delta({ content: 'half' }), broken), async (ask) => {
    await assert.rejects(eventsOf(await ask()), isProblem('content_filter'));
  });
});

const USAGE_PLACES: readonly (readonly [string, readonly string[], number])[] = [
  ['on its own chunk', [...OK.slice(0, 3), USAGE, DONE], 1],
  [
    'on the finish chunk',
    [
      frame({
        choices: [{ index: 0, delta: {}, finish_reason: 'stop' }],
        usage: { prompt_tokens: 7, completion_tokens: 3 },
      }),
      DONE,
    ],
    1,
  ],
  ['twice', [...OK.slice(0, 3), USAGE, USAGE, DONE], 2],
  ['never', OK, 0],
  ['after [DONE]', [...OK, USAGE], 0],
];

for (const [where, pieces, count] of USAGE_PLACES) {
  test(`usage ${where} is reported ${count} times`, async () => {
    await against(sse(...pieces), async (ask) => {
      const usages = (await eventsOf(await ask())).filter((event) => event.kind === 'usage');
      assert.equal(usages.length, count);
      for (const { usage } of usages) assert.deepEqual([usage.input, usage.output], [7, 3]);
    });
  });
}

test('an answer is over at [DONE], though the host keeps the connection open', async () => {
  const script: Script = (response) => {
    response.writeHead(200, SSE);
    for (const piece of OK) response.write(piece);
    response.write(delta({ content: 'LEAK' }));
  };
  await against(script, async (ask, host) => {
    assert.equal(textOf(await eventsOf(await ask())), 'All well.');
    await host.closed();
  });
});

test('a connection serves again after an answer that went on after [DONE]', async () => {
  const sockets = new Set<unknown>();
  const script: Script = (response, request, nth) => {
    sockets.add(request.socket);
    sse(...OK, delta({ content: 'LEAK' }))(response, request, nth);
  };
  await against(script, async (ask) => {
    for (let nth = 0; nth < 3; nth += 1) {
      await eventsOf(await ask());
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
    assert.equal(sockets.size, 1);
  });
});

test('an aborted signal ends the call in each of its states, and the host is let go', async () => {
  const gone = new Error('the caller left');
  const before = AbortSignal.abort(gone);
  await against(sse(...OK), async (ask, host) => {
    await assert.rejects(ask({}, before), gone);
    assert.equal(host.seen.length, 0);
  });

  const waiting = new AbortController();
  await against(
    () => waiting.abort(gone),
    async (ask, host) => {
      await assert.rejects(ask({}, waiting.signal), gone);
      await host.closed();
    },
  );

  const reading = new AbortController();
  const half: Script = (response) => {
    response.writeHead(200, SSE);
    response.write(delta({ content: 'half' }));
  };
  await against(half, async (ask, host) => {
    const reply = await ask({}, reading.signal);
    const read = async () => {
      for await (const _ of reply.events) reading.abort(gone);
    };
    await assert.rejects(read(), gone);
    await host.closed();
  });
});

test('an aborted signal ends the wait before another try', async () => {
  const gone = new Error('the caller left');
  const controller = new AbortController();
  const script: Script = (response, request, nth) => {
    json(503, '', { 'retry-after': '2' })(response, request, nth);
    response.on('close', () => setTimeout(() => controller.abort(gone), 20));
  };
  await against(script, async (ask, host) => {
    await assert.rejects(ask({}, controller.signal), gone);
    assert.equal(host.seen.length, 1);
  });
});

test('an aborted signal ends the wait for a sign-in', async () => {
  const controller = new AbortController();
  const authorize = () => {
    controller.abort(new Error('the caller left'));
    return new Promise<never>(() => {});
  };
  await against(sse(...OK), async (ask) => assert.rejects(ask({}, controller.signal), /the caller left/), {
    authorize,
  });
});

test('a reader who leaves, even before the first event, lets the host go', async () => {
  const half: Script = (response) => {
    response.writeHead(200, SSE);
    response.write(delta({ content: 'half' }));
  };
  await against(half, async (ask, host) => {
    await (await ask()).events[Symbol.asyncIterator]().return?.();
    await host.closed();
  });
  await against(half, async (ask, host) => {
    for await (const _ of (await ask()).events) break;
    await host.closed();
  });
});

test('a failing host is not asked while the circuit is open, and asked again after', async () => {
  let isDown = true;
  const script: Script = (response, request, nth) =>
    (isDown ? json(500, '') : json(200, answer('back')))(response, request, nth);
  await using host = await scriptedHost(script);
  await using upstream = upstreamOf(host.baseUrl, { circuit: { failuresMax: 3, openMs: 60 } });
  const ask = () => upstream.ask(call(WHOLE), new AbortController().signal);
  for (let nth = 0; nth < 3; nth += 1) await assert.rejects(ask(), isProblem('upstream_error'));
  assert.ok(!upstream.isReady());
  const open = await problemOf(ask());
  assert.equal(open.code, 'upstream_error');
  assert.ok((open.retryAfterMs ?? 0) >= 1_000);
  assert.equal(host.seen.length, 3);

  isDown = false;
  await new Promise((resolve) => setTimeout(resolve, 80));
  assert.ok(upstream.isReady());
  assert.equal(textOf(await eventsOf(await ask())), 'back');
  assert.equal(host.seen.length, 4);
});

test('refusals of single requests never open the circuit', async () => {
  await against(
    json(400, { error: { code: 'content_filter' } }),
    async (ask, host) => {
      for (let nth = 0; nth < 5; nth += 1) await assert.rejects(ask(), isProblem('content_filter'));
      assert.equal(host.seen.length, 5);
    },
    { circuit: { failuresMax: 2, openMs: 10_000 } },
  );
});

test('while one call tries a host that failed, the others are refused, and its abort does not close the circuit', async () => {
  let isHanging = false;
  const script: Script = (response, request, nth) => {
    if (!isHanging) json(500, '')(response, request, nth);
  };
  await using host = await scriptedHost(script);
  await using upstream = upstreamOf(host.baseUrl, { circuit: { failuresMax: 1, openMs: 30 } });
  const ask = (signal = new AbortController().signal) => upstream.ask(call(), signal);
  await assert.rejects(ask());
  isHanging = true;
  await new Promise((resolve) => setTimeout(resolve, 40));
  const leaving = new AbortController();
  const trial = ask(leaving.signal);
  await assert.rejects(ask(), isProblem('upstream_error'));
  leaving.abort(new Error('the caller left'));
  await assert.rejects(trial, /the caller left/);
  assert.ok(!upstream.isReady());
});

test('a sign-in that fails is the problem it throws, and the host is not asked', async () => {
  const authorize = () => Promise.reject(new Problem('upstream_auth_error'));
  await against(
    sse(...OK),
    async (ask, host) => {
      await assert.rejects(ask(), isProblem('upstream_auth_error'));
      assert.equal(host.seen.length, 0);
    },
    { authorize },
  );
});

test('connections are bounded, and calls beyond them wait their turn', async () => {
  let open = 0;
  let most = 0;
  const script: Script = (response, request, nth) => {
    open += 1;
    most = Math.max(most, open);
    setTimeout(() => {
      open -= 1;
      json(200, answer('x'))(response, request, nth);
    }, 5);
  };
  await against(
    script,
    async (ask, host) => {
      await Promise.all(Array.from({ length: 12 }, async () => eventsOf(await ask(WHOLE))));
      assert.equal(host.seen.length, 12);
      assert.equal(most, 3);
    },
    { connectionsMax: 3 },
  );
});

test('a slow reader makes the host wait instead of filling memory', async () => {
  const PIECE = `${delta({ content: 'x' })}: ${'p'.repeat(65_000)}\n\n`;
  let written = 0;
  const script: Script = (response) => {
    response.writeHead(200, SSE);
    const more = () => {
      while (written < 400 && !response.destroyed) {
        written += 1;
        if (!response.write(PIECE)) return;
      }
      if (written === 400) response.end(finish() + DONE);
    };
    response.on('drain', more);
    more();
  };
  await against(script, async (ask) => {
    const reply = await ask();
    await new Promise((resolve) => setTimeout(resolve, 150));
    assert.ok(written < 300, `${written} pieces of 64 KiB were taken unread`);
    assert.equal(textOf(await eventsOf(reply)).length, 400);
  });
});

test('only a plain http or https URL is accepted', () => {
  for (const baseUrl of [
    '',
    'ftp://x/v1',
    'file:///etc',
    'https://u:p@x/v1',
    'https://x/v1?a=1',
    'https://x/v1#a',
  ]) {
    assert.throws(() => upstreamOf(baseUrl), /the model URL/, baseUrl);
  }
});
