import type { IncomingMessage } from 'node:http';
import { Problem } from '../domain/problem.ts';
import { decodeUtf8, readBytes } from './read-body.ts';

/**
 * The request's form (RFC 6749 appendix B), read once and within bounds. Throws `unsupported_media_type`,
 * `body_too_large`, `invalid_encoding`, `request_timeout`, and `invalid_parameter` for a field that comes twice.
 */
export async function readForm(request: IncomingMessage): Promise<Readonly<Record<string, string>>> {
  const { 'content-type': type = '', 'content-encoding': encoding = 'identity' } = request.headers;
  if (!FORM.test(type) || encoding !== 'identity') throw new Problem('unsupported_media_type');
  const text = decodeUtf8(await readBytes(request, FORM_BYTES_MAX));
  const fields = new Map<string, string>();
  for (const [name, value] of new URLSearchParams(text)) {
    if (fields.has(name)) throw new Problem('invalid_parameter', { reasons: ['field_repeated'] });
    if (fields.size >= FIELDS_MAX) throw new Problem('invalid_parameter', { reasons: ['too_many_fields'] });
    fields.set(name, value);
  }
  return Object.fromEntries(fields);
}

const FORM = /^application\/x-www-form-urlencoded *(; *charset="?utf-8"? *)?$/i;
const FORM_BYTES_MAX = 32 * 1_024;
const FIELDS_MAX = 32;
