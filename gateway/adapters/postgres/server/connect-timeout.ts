/** How long any connection may take to be made. */
export const CONNECT_TIMEOUT_MS = 3_000;
