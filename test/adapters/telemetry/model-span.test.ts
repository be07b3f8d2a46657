import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { SpanKind, SpanStatusCode } from '@opentelemetry/api';
import { NodeSDK, type NodeSDKConfiguration } from '@opentelemetry/sdk-node';
import { openWorld, type World } from '../../world.ts';

type Processor = NonNullable<NodeSDKConfiguration['spanProcessors']>[number];
type Span = Parameters<Processor['onEnd']>[0];

/** Keeps every span that has ended. */
const ended: Span[] = [];
const memory: Processor = {
  onStart: () => {},
  onEnd: (span) => void ended.push(span),
  forceFlush: () => Promise.resolve(),
  shutdown: () => Promise.resolve(),
};
const sdk = new NodeSDK({
  autoDetectResources: false,
  instrumentations: [],
  metricReaders: [],
  spanProcessors: [memory],
});

let world: World;
before(async () => {
  sdk.start();
  const usage = { prompt_tokens: 11, completion_tokens: 7, total_tokens: 18 };
  world = await openWorld({
    fixtures: { metered: { content: 'zebrafish', usage }, broken: { status: 500 } },
  });
});
after(async () => {
  await world[Symbol.asyncDispose]();
  await sdk.shutdown();
});

/** The one span of the model call that this question made. */
async function spanOf(question: Readonly<Record<string, unknown>>): Promise<Span> {
  ended.length = 0;
  await world.ask(question);
  const spans = ended.filter(({ instrumentationScope }) => instrumentationScope.name === 'stewardgate');
  assert.equal(spans.length, 1);
  return spans[0]!;
}

test('a call to the model is one span by the GenAI conventions, named after the model that was asked for', async () => {
  for (const stream of [false, true]) {
    const span = await spanOf({ content: 'SIMULATE metered', model: 'mayo-cr-1', stream });
    assert.equal(span.name, `chat ${span.attributes['gen_ai.request.model']}`);
    assert.equal(span.kind, SpanKind.CLIENT);
    assert.equal(span.status.code, SpanStatusCode.UNSET);
    assert.deepEqual(span.attributes, {
      'gen_ai.operation.name': 'chat',
      'gen_ai.provider.name': 'stewardgate.simulated',
      'gen_ai.request.model': 'mayo-cr-1-deployment',
      'gen_ai.response.model': 'mayo-cr-1',
      'gen_ai.usage.input_tokens': 11,
      'gen_ai.usage.output_tokens': 7,
      'gen_ai.response.finish_reasons': ['stop'],
      'stewardgate.streamed': stream,
    });
    assert.deepEqual(
      span.events.map(({ name }) => name),
      ['gen_ai.first_token'],
    );
  }
});

test('a call that fails ends its span with the code of the problem, and without a word of content', async () => {
  const span = await spanOf({ content: 'SIMULATE broken', model: 'mayo-cr-1' });
  assert.equal(span.status.code, SpanStatusCode.ERROR);
  assert.equal(span.attributes['error.type'], 'upstream_error');
  assert.equal(span.status.message, undefined);
  assert.deepEqual(span.events, []);
  assert.doesNotMatch(JSON.stringify([span.name, span.attributes]), /zebrafish|SIMULATE/);
});
