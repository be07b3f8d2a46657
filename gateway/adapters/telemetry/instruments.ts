import { isSpanContextValid, metrics, SpanKind, SpanStatusCode, trace } from '@opentelemetry/api';
import type { AboutCall, ModelCallSpan, Telemetry } from '../../pipeline/telemetry.ts';

const SCOPE = 'stewardgate';

/**
 * Spans and metrics by the OpenTelemetry GenAI semantic conventions: `chat {model}` and `embeddings {model}`,
 * `gen_ai.client.operation.duration`, `gen_ai.client.token.usage`; and the gateway's own counters. Attributes are codes from closed sets, never content.
 */
export function createInstruments(provider: string): Telemetry {
  const tracer = trace.getTracer(SCOPE);
  const meters = createMeters();

  return {
    modelCall: (about) => {
      const { operation, version, deployment, streamed } = about;
      const startedAt = performance.now();
      const common = {
        'gen_ai.operation.name': operation,
        'gen_ai.provider.name': provider,
        'gen_ai.request.model': deployment,
        'gen_ai.response.model': version,
      };
      const span = tracer.startSpan(`${operation} ${deployment}`, {
        kind: SpanKind.CLIENT,
        attributes: { ...common, ...vectorAttributes(about), 'stewardgate.streamed': streamed },
      });
      let isOpen = true;
      return {
        firstToken: () => {
          meters.firstToken.record((performance.now() - startedAt) / 1_000, common);
          span.addEvent('gen_ai.first_token');
        },
        end: ({ usage, errorCode, finishReasons }) => {
          if (!isOpen) return;
          isOpen = false;
          const error = errorCode === null ? {} : { 'error.type': errorCode };
          meters.duration.record((performance.now() - startedAt) / 1_000, { ...common, ...error });
          meters.tokens.record(usage.input, { ...common, 'gen_ai.token.type': 'input' });
          span.setAttributes({ ...error, 'gen_ai.usage.input_tokens': usage.input });
          if (operation === 'chat') {
            meters.tokens.record(usage.output, { ...common, 'gen_ai.token.type': 'output' });
            span.setAttributes({
              'gen_ai.usage.output_tokens': usage.output,
              'gen_ai.response.finish_reasons': [...finishReasons],
            });
          }
          if (errorCode !== null) span.setStatus({ code: SpanStatusCode.ERROR });
          span.end();
        },
      } satisfies ModelCallSpan;
    },
    traceId: () => {
      const context = trace.getActiveSpan()?.spanContext();
      return context !== undefined && isSpanContextValid(context) ? context.traceId : null;
    },
    decided: (verdict) => meters.decisions.add(1, { verdict }),
    dropped: ({ unknownFields, postDoneData }) => {
      for (const [place, count] of Object.entries(unknownFields))
        if (count > 0) meters.unknownFields.add(count, { place });
      if (postDoneData > 0) meters.postDoneData.add(postDoneData);
    },
    stopped: (reason) => meters.stops.add(1, { reason }),
    redacted: (counts) => {
      for (const [category, count] of Object.entries(counts)) meters.redactions.add(count, { category });
    },
    served: ({ method, route, status, ms }) =>
      meters.served.record(ms / 1_000, {
        'http.request.method': method,
        'http.route': route,
        'http.response.status_code': status,
      }),
    settled: (outcome, errorCode) => meters.requests.add(1, { outcome, code: errorCode ?? 'none' }),
  };
}

function vectorAttributes({ vectors }: AboutCall) {
  if (vectors === undefined) return {};
  const { encoding, dimensions } = vectors;
  const size = dimensions === undefined ? {} : { 'gen_ai.embeddings.dimension.count': dimensions };
  return { 'gen_ai.request.encoding_formats': [encoding], ...size };
}

/** By the HTTP semantic conventions; the instrumentation's own knows no route and took 4 % of the profile. */
export const HTTP_DURATION = 'http.server.request.duration';
const HTTP_SECONDS = [0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10];

/** Bucket boundaries as the GenAI metrics conventions advise them. */
const SECONDS = [0.01, 0.02, 0.04, 0.08, 0.16, 0.32, 0.64, 1.28, 2.56, 5.12, 10.24, 20.48, 40.96, 81.92];
const TOKENS = [1, 4, 16, 64, 256, 1024, 4096, 16384, 65536, 262144, 1048576, 4194304, 16777216, 67108864];

function createMeters() {
  const meter = metrics.getMeter(SCOPE);
  const seconds = { unit: 's', advice: { explicitBucketBoundaries: SECONDS } };
  return {
    duration: meter.createHistogram('gen_ai.client.operation.duration', {
      ...seconds,
      description: 'How long the model took, from the question to its last word.',
    }),
    firstToken: meter.createHistogram('gen_ai.client.operation.time_to_first_chunk', {
      ...seconds,
      description: 'How long until the first words that passed redaction.',
    }),
    tokens: meter.createHistogram('gen_ai.client.token.usage', {
      description: 'Tokens of one call, as metered.',
      unit: '{token}',
      advice: { explicitBucketBoundaries: TOKENS },
    }),
    served: meter.createHistogram(HTTP_DURATION, {
      description: 'How long a request took, whatever its plane.',
      unit: 's',
      advice: { explicitBucketBoundaries: HTTP_SECONDS },
    }),
    requests: meter.createCounter('stewardgate.requests', {
      description: 'Model requests, by how they ended.',
    }),
    decisions: meter.createCounter('stewardgate.decisions', { description: 'Policy decisions.' }),
    unknownFields: meter.createCounter('stewardgate.upstream.unknown_fields', {
      description: 'Fields in answers of the model that no known wire has, by their place; dropped.',
    }),
    postDoneData: meter.createCounter('stewardgate.upstream.post_done_data', {
      description: 'Events that the model sent after the end of its answer; dropped.',
    }),
    stops: meter.createCounter('stewardgate.stops', {
      description: 'Choices of answers that the gateway ended, by reason.',
    }),
    redactions: meter.createCounter('stewardgate.redactions', {
      description: 'Identifiers replaced in answers, by category.',
    }),
  };
}

/** Wraps a promise-returning act and keeps how long it took, in seconds. */
export function timed<Args extends readonly unknown[]>(
  name: string,
  act: (...args: Args) => Promise<void>,
): (...args: Args) => Promise<void> {
  const histogram = metrics.getMeter(SCOPE).createHistogram(name, {
    description: 'How long it took, failures included.',
    unit: 's',
    advice: { explicitBucketBoundaries: [0.0005, 0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1] },
  });
  return async (...args) => {
    const startedAt = performance.now();
    try {
      await act(...args);
    } finally {
      histogram.record((performance.now() - startedAt) / 1_000);
    }
  };
}
