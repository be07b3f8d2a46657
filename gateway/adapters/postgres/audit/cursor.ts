import { Problem } from '../../../domain/problem.ts';

/** The place of a record in the order of pages. */
export interface Place {
  /** As AuditSearch shows it: UTC, to the microsecond. */
  readonly recordedAt: string;
  readonly uuid: string;
}

export function writeCursor(place: Place): string {
  return Buffer.from(`${place.recordedAt}|${place.uuid}`).toString('base64url');
}

/** Throws `invalid_parameter` for a text that writeCursor cannot have made. */
export function readCursor(cursor: string): Place {
  const text = cursor.length <= LENGTH_MAX ? Buffer.from(cursor, 'base64url').toString() : '';
  const [, recordedAt, uuid] = FORM.exec(text) ?? [];
  if (recordedAt === undefined || uuid === undefined || Number.isNaN(Date.parse(recordedAt))) {
    throw new Problem('invalid_parameter', { param: 'cursor' });
  }
  return { recordedAt, uuid };
}

const LENGTH_MAX = 128;
const FORM =
  /^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z)\|([0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12})$/;
