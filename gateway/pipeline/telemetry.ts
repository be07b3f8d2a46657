import type { TokenUsage } from '../core/metering/usage.ts';
import type { DroppedTally } from '../core/models/upstream.ts';
import type { Capability, VectorEncoding } from '../domain/vocabulary.ts';

/** Durations, counts and codes for operators; nothing here can carry content or identity. */
export interface Telemetry {
  /** Opens the span `chat {model}` or `embeddings {model}` of the OpenTelemetry GenAI conventions. */
  modelCall(about: AboutCall): ModelCallSpan;
  /** The trace that this request belongs to, 32 hex digits (W3C Trace Context); null when none is kept. */
  traceId(): string | null;
  decided(verdict: 'allow' | 'deny'): void;
  /** What the model's host sent beyond its answer. */
  dropped(tally: DroppedTally): void;
  /** A choice of an answer that the gateway ended. */
  stopped(reason: StopReason): void;
  redacted(counts: Readonly<Record<string, number>>): void;
  /** One request answered, whatever its plane; the route is the template that matched. */
  served(request: {
    readonly method: string;
    readonly route: string;
    readonly status: number;
    readonly ms: number;
  }): void;
  settled(outcome: string, errorCode: string | null): void;
}

export interface AboutCall {
  readonly operation: Capability;
  readonly version: string;
  readonly deployment: string;
  readonly streamed: boolean;
  /** Of embeddings: how the vectors are asked for. */
  readonly vectors?: { readonly encoding: VectorEncoding; readonly dimensions?: number };
}

/** Why the gateway ends a choice with `content_filter`. */
export type StopReason = 'preamble_leak' | 'schema_broken';

export interface ModelCallSpan {
  firstToken(): void;
  /** Closes the span; a second call does nothing. */
  end(result: {
    readonly usage: TokenUsage;
    readonly errorCode: string | null;
    readonly finishReasons: readonly string[];
  }): void;
}
