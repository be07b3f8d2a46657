/** What was counted since a window opened; it opens with the first request, not on the minute. */
export interface Window {
  readonly endsMs: number;
  readonly requests: number;
  readonly tokens: number;
}

/** What to add to a window; below zero gives back. */
export interface Change {
  readonly requests: number;
  readonly tokens: number;
}

/**
 * The running window, or a fresh one when there is none or it has ended. A window that ends later than a fresh one
 * would is left from before a clock was set back, and counts as ended.
 */
export function currentWindow(window: Window | undefined, nowMs: number, lengthMs: number): Window {
  const endsMs = nowMs + lengthMs;
  const runs = window !== undefined && window.endsMs > nowMs && window.endsMs <= endsMs;
  return runs ? window : { endsMs, requests: 0, tokens: 0 };
}

export function changed(window: Window, change: Change): Window {
  return {
    endsMs: window.endsMs,
    requests: Math.max(window.requests + change.requests, 0),
    tokens: Math.max(window.tokens + change.tokens, 0),
  };
}

export interface Settling {
  /** The window that the reservation was taken from, by its end. */
  readonly takenEndsMs: number;
  readonly nowMs: number;
  readonly lengthMs: number;
}

/**
 * The window after settling. What goes beyond the reservation is charged to the running window, whichever it is;
 * what is given back counts only in the window it was taken from, or it would enlarge the next minute's allowance.
 */
export function settled(window: Window, change: Change, { takenEndsMs, nowMs, lengthMs }: Settling): Window {
  const current = currentWindow(window, nowMs, lengthMs);
  if (current.endsMs === takenEndsMs) return changed(current, change);
  return change.tokens > 0 ? changed(current, { requests: 0, tokens: change.tokens }) : window;
}
