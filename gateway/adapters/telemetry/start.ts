import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Span } from '@opentelemetry/api';
import { PrometheusExporter } from '@opentelemetry/exporter-prometheus';
import { HttpInstrumentation } from '@opentelemetry/instrumentation-http';
import { UndiciInstrumentation } from '@opentelemetry/instrumentation-undici';
import { AggregationType } from '@opentelemetry/sdk-metrics';
import { NodeSDK } from '@opentelemetry/sdk-node';
import { HTTP_DURATION } from './instruments.ts';

export interface RunningTelemetry {
  /** Answers with the Prometheus exposition; undefined when telemetry is off. */
  readonly exposition: ((request: IncomingMessage, response: ServerResponse) => void) | undefined;
  stop(): Promise<void>;
}

/** Taken from the request line, `Host`, `X-Forwarded-For` and `User-Agent` as they came. */
const TYPED_BY_CALLERS = {
  'url.path': '',
  'url.query': '',
  'server.address': '',
  'client.address': '',
  'user_agent.original': '',
  'user_agent.synthetic.type': '',
} as const;

/**
 * Starts metrics, and traces when an OTLP endpoint is set (the `OTEL_*` names of the OpenTelemetry specification).
 * Call it before anything else is loaded. What a caller typed stays out of spans: a key may stand in any of it.
 */
export function startTelemetry(environment: Environment): RunningTelemetry {
  if (isOff(environment)) return { exposition: undefined, stop: () => Promise.resolve() };
  const exporter = new PrometheusExporter({ preventServerStart: true });
  const sdk = new NodeSDK({
    serviceName: environment.OTEL_SERVICE_NAME ?? 'stewardgate',
    autoDetectResources: false,
    metricReaders: [exporter],
    ...(hasEndpoint(environment) ? tracing() : { spanProcessors: [], instrumentations: [] }),
  });
  sdk.start();
  return {
    exposition: (request, response) => exporter.getMetricsRequestHandler(request, response),
    stop: () => sdk.shutdown(),
  };
}

type Environment = Readonly<Record<string, string | undefined>>;

const isOff = ({ OTEL_SDK_DISABLED: disabled }: Environment) => disabled?.trim().toLowerCase() === 'true';

/** An empty value is an unset one (OpenTelemetry specification, "Environment variables"). */
function hasEndpoint(environment: Environment): boolean {
  const { OTEL_EXPORTER_OTLP_ENDPOINT: all, OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: ofTraces } = environment;
  return [all, ofTraces].some((endpoint) => (endpoint ?? '').trim() !== '');
}

/** Instrumentation is for traces alone: its metrics repeat the gateway's own, so they are dropped. */
function tracing() {
  const repeated = { instrumentName: HTTP_DURATION, meterName: '@opentelemetry/instrumentation-http' };
  return {
    views: [{ ...repeated, aggregation: { type: AggregationType.DROP } as const }],
    instrumentations: [
      new HttpInstrumentation({
        disableOutgoingRequestInstrumentation: true,
        ignoreIncomingRequestHook: ({ url }: IncomingMessage) =>
          url === '/healthz' || url === '/readyz' || url === '/metrics',
        requestHook: (span: Span) => span.setAttributes(TYPED_BY_CALLERS),
      }),
      new UndiciInstrumentation(),
    ],
  };
}
