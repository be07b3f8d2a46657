import { type SQL, sql } from 'drizzle-orm';
import { type AnyPgColumn, check, customType } from 'drizzle-orm/pg-core';
import { at, type Instant, isoTime } from '../../../domain/clock.ts';
import { newId, readId } from '../../../domain/ids.ts';

type Noun = Parameters<typeof newId>[0];
type IdOf<N extends Noun> = ReturnType<typeof newId<N>>;

/** A uuid column that is read and written in the outside form, such as `ten_<uuid>`. */
export function idColumn<N extends Noun>(noun: N) {
  return customType<{ data: IdOf<N>; driverData: string }>({
    dataType: () => 'uuid',
    toDriver: (id) => uuidOf(noun, id),
    fromDriver: (uuid) => newId(noun, { uuid: () => uuid }),
  })();
}

/** The bare uuid of an id in its outside form; a text that is no such id is a fault of the caller. */
export function uuidOf(noun: Noun, id: string): string {
  if (readId(noun, id) === undefined) throw new TypeError(`not the id of a ${noun}`);
  return id.slice(id.indexOf('_') + 1);
}

/** A timestamptz column that is read and written as an Instant, to the millisecond. */
export const instantColumn = customType<{
  data: Instant;
  driverData: string;
  driverOutput: string | Date;
}>({
  dataType: () => 'timestamp with time zone',
  toDriver: isoTime,
  fromDriver: (stored) => at(new Date(stored).getTime()),
});

/** The value is one of the words (or null where the column allows it). */
export function isWord(name: string, column: AnyPgColumn, words: readonly string[]) {
  return check(name, sql`${column} IN (${sql.raw(words.map((word) => `'${word}'`).join(', '))})`);
}

/** The array holds one of the words at least, and nothing else. */
export function areWords(name: string, column: AnyPgColumn, words: readonly string[]) {
  const known = sql.raw(words.map((word) => `'${word}'`).join(', '));
  return check(
    name,
    sql`cardinality(${column}) BETWEEN 1 AND ${literal(words.length)} AND ${column} <@ ARRAY[${known}]`,
  );
}

/** The text has at least one character and at most `lengthMax`. */
export function isShort(name: string, column: AnyPgColumn, lengthMax: number) {
  return check(name, sql`char_length(${column}) BETWEEN 1 AND ${literal(lengthMax)}`);
}

/** The text takes so many bytes in UTF-8, both bounds included (or is null where the column allows it). */
export function hasOctets(name: string, column: AnyPgColumn, bounds: readonly [number, number]) {
  return check(name, sql`octet_length(${column}) BETWEEN ${literal(bounds[0])} AND ${literal(bounds[1])}`);
}

/** The number lies between the two bounds, both included. */
export function isBetween(name: string, column: AnyPgColumn, bounds: readonly [number, number]) {
  return check(name, sql`${column} BETWEEN ${literal(bounds[0])} AND ${literal(bounds[1])}`);
}

/** The array has at most `countMax` texts of `lengthMax` characters on average. */
export function isShortList(name: string, column: AnyPgColumn, countMax: number, lengthMax: number) {
  return check(
    name,
    sql`cardinality(${column}) <= ${literal(countMax)} AND char_length(array_to_string(${column}, '')) <= ${literal(countMax * lengthMax)}`,
  );
}

/** DDL takes no parameters, so a number is written out. */
function literal(value: number): SQL {
  return sql.raw(String(value));
}
