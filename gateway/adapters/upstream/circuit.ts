import { BrokenCircuitError, CircuitState, ConsecutiveBreaker, circuitBreaker, handleWhen } from 'cockatiel';
import { Problem } from '../../domain/problem.ts';

export interface CircuitOptions {
  /** Failures of the host in a row that open the circuit. */
  readonly failuresMax: number;
  /** How long nothing is asked before one call may try again. */
  readonly openMs: number;
  /** True for what counts as the host's failure, thrown or returned. */
  readonly isFailure: (outcome: unknown) => boolean;
}

/** Spares a failing host, and its callers the wait for it. */
export interface Circuit {
  /** Runs the attempt, or throws `upstream_error` at once while the circuit is open. */
  run<T>(attempt: () => Promise<T>): Promise<T>;
  /** False while the circuit is open: what is asked now would be refused. */
  isReady(): boolean;
}

export function createCircuit({ failuresMax, openMs, isFailure }: CircuitOptions): Circuit {
  const isTrial = () => breaker.state === CircuitState.HalfOpen;
  const breaker = circuitBreaker(
    // A trial that threw (its caller left, or we could not sign in) has proven nothing: it must not close the circuit.
    handleWhen((error) => isTrial() || isFailure(error)).orWhenResult(isFailure),
    { halfOpenAfter: openMs, breaker: new ConsecutiveBreaker(failuresMax) },
  );
  let openedAtMs = 0;
  breaker.onBreak(() => {
    openedAtMs = performance.now();
  });
  const remainingMs = () => Math.max(0, openedAtMs + openMs - performance.now());

  return {
    run: async (attempt) => {
      // While one call tries the host, the others would wait for its outcome.
      if (isTrial()) throw openProblem(remainingMs());
      try {
        return await breaker.execute(attempt);
      } catch (thrown) {
        throw thrown instanceof BrokenCircuitError ? openProblem(remainingMs()) : thrown;
      }
    },
    isReady: () => breaker.state !== CircuitState.Open || remainingMs() === 0,
  };
}

/** The code under which the host failed before: to the caller it is one outage, whoever notices it. */
function openProblem(remainingMs: number): Problem {
  return new Problem('upstream_error', {
    cause: 'the circuit is open',
    retryAfterMs: Math.max(1_000, Math.ceil(remainingMs)),
  });
}
