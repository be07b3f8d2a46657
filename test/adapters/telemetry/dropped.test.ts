import assert from 'node:assert/strict';
import { test } from 'node:test';
import { metrics } from '@opentelemetry/api';
import {
  AggregationTemporality,
  InMemoryMetricExporter,
  MeterProvider,
  PeriodicExportingMetricReader,
} from '@opentelemetry/sdk-metrics';
import { createInstruments } from '../../../gateway/adapters/telemetry/instruments.ts';

test('what a host sent beyond its answer is counted by place, and not at all when there was nothing', async () => {
  const exporter = new InMemoryMetricExporter(AggregationTemporality.CUMULATIVE);
  const provider = new MeterProvider({ readers: [new PeriodicExportingMetricReader({ exporter })] });
  metrics.setGlobalMeterProvider(provider);
  const instruments = createInstruments('test');
  const none = { body: 0, choice: 0, message: 0, tool_call: 0, usage: 0 };
  instruments.dropped({ unknownFields: none, postDoneData: 0 });
  instruments.dropped({ unknownFields: { ...none, body: 2, message: 1 }, postDoneData: 3 });
  instruments.dropped({ unknownFields: { ...none, message: 4 }, postDoneData: 0 });
  await provider.forceFlush();
  const found = exporter
    .getMetrics()
    .flatMap(({ scopeMetrics }) => scopeMetrics.flatMap((scope) => scope.metrics))
    .flatMap(({ descriptor, dataPoints }) =>
      dataPoints.map(({ attributes, value }) => [descriptor.name, attributes, value]),
    );
  assert.deepEqual(found, [
    ['stewardgate.upstream.unknown_fields', { place: 'body' }, 2],
    ['stewardgate.upstream.unknown_fields', { place: 'message' }, 5],
    ['stewardgate.upstream.post_done_data', {}, 3],
  ]);
  await provider.shutdown();
});
