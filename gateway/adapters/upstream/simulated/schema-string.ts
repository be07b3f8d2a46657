type Schema = Readonly<Record<string, unknown>>;

/** A string of the schema's `format` and length, or undefined when that cannot be met. */
export function stringFor(schema: Schema): string | undefined {
  const least = typeof schema.minLength === 'number' ? schema.minLength : 0;
  const most = typeof schema.maxLength === 'number' ? schema.maxLength : Number.POSITIVE_INFINITY;
  if (least > most || least > LENGTH_MAX) return undefined;
  const formatted = typeof schema.format === 'string' ? SAMPLES[schema.format] : undefined;
  if (formatted !== undefined) {
    return formatted.length >= least && formatted.length <= most ? formatted : undefined;
  }
  return WORD.repeat(Math.ceil(Math.max(least, WORD.length) / WORD.length)).slice(
    0,
    Math.max(least, Math.min(most, WORD.length)),
  );
}

const WORD = 'simulated';
const LENGTH_MAX = 10_000;

const SAMPLES: Readonly<Record<string, string>> = {
  date: '2001-01-01',
  'date-time': '2001-01-01T00:00:00Z',
  time: '00:00:00Z',
  duration: 'P1D',
  email: 'simulated@example.org',
  hostname: 'example.org',
  ipv4: '192.0.2.1',
  ipv6: '2001:db8::1',
  uri: 'https://example.org/simulated',
  uuid: '00000000-0000-4000-8000-000000000000',
};
