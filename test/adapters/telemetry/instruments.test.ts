import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Attributes, type Tracer, trace } from '@opentelemetry/api';
import { createInstruments } from '../../../gateway/adapters/telemetry/instruments.ts';

interface Seen {
  readonly name: string;
  readonly attributes: Attributes;
}

/** Spans that are begun while it lives. */
function spansSeen(): readonly Seen[] {
  const seen: Seen[] = [];
  const tracer: Pick<Tracer, 'startSpan'> = {
    startSpan: (name, options = {}) => {
      const attributes = { ...options.attributes };
      seen.push({ name, attributes });
      const span = trace.wrapSpanContext({ traceId: '', spanId: '', traceFlags: 0 });
      return Object.assign(span, {
        setAttributes: (more: Attributes) => Object.assign(attributes, more) && span,
      });
    },
  };
  trace.setGlobalTracerProvider({ getTracer: () => tracer as Tracer });
  return seen;
}

test('a call has the span of its operation, and vectors have no output tokens', () => {
  const seen = spansSeen();
  const { modelCall } = createInstruments('azure.ai.openai');
  const about = { version: 'mayo-cr-1', deployment: 'mayo-cr-1-deployment', streamed: false };
  const usage = { input: 7, cachedInput: 0, output: 3, reasoning: 0 };
  const vectors = { encoding: 'base64', dimensions: 256 } as const;
  modelCall({ ...about, operation: 'chat' }).end({ usage, errorCode: null, finishReasons: ['stop'] });
  modelCall({ ...about, operation: 'embeddings', vectors }).end({
    usage: { ...usage, output: 0 },
    errorCode: null,
    finishReasons: [],
  });
  const common = {
    'gen_ai.provider.name': 'azure.ai.openai',
    'gen_ai.request.model': 'mayo-cr-1-deployment',
    'gen_ai.response.model': 'mayo-cr-1',
    'stewardgate.streamed': false,
    'gen_ai.usage.input_tokens': 7,
  };
  assert.deepEqual(seen, [
    {
      name: 'chat mayo-cr-1-deployment',
      attributes: {
        ...common,
        'gen_ai.operation.name': 'chat',
        'gen_ai.usage.output_tokens': 3,
        'gen_ai.response.finish_reasons': ['stop'],
      },
    },
    {
      name: 'embeddings mayo-cr-1-deployment',
      attributes: {
        ...common,
        'gen_ai.operation.name': 'embeddings',
        'gen_ai.request.encoding_formats': ['base64'],
        'gen_ai.embeddings.dimension.count': 256,
      },
    },
  ]);
});
