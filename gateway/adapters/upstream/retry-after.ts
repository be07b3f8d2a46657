type Headers = Readonly<Record<string, string | readonly string[] | undefined>>;

/**
 * How long the host asks us to wait, in milliseconds: `retry-after-ms`, else `retry-after` in seconds
 * (RFC 9110 section 10.2.3; the date form is not read). Undefined when it says nothing we understand.
 */
export function hostWaitMs(headers: Headers): number | undefined {
  return decimal(headers['retry-after-ms'], 1) ?? decimal(headers['retry-after'], 1_000);
}

const DECIMAL = /^\d{1,9}(\.\d{1,3})?$/;

function decimal(value: string | readonly string[] | undefined, unitMs: number): number | undefined {
  return typeof value === 'string' && DECIMAL.test(value) ? Number(value) * unitMs : undefined;
}
