import { startTelemetry } from './adapters/telemetry/start.ts';

/** Loaded by `node --import` before the program, so that what it measures is not loaded yet. */
export const telemetry = startTelemetry(process.env);
