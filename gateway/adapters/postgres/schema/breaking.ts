import { sql } from 'drizzle-orm';
import { snakeCase, text } from 'drizzle-orm/pg-core';
import { instantColumn, isShort } from './columns.ts';

/** Names of migrations that an older binary cannot live with; each such migration inserts its own. */
export const schemaBreakingChange = snakeCase.table(
  'schema_breaking_change',
  {
    name: text().primaryKey(),
    recordedAt: instantColumn().notNull().default(sql`clock_timestamp()`),
  },
  (row) => [isShort('schema_breaking_change_name_short', row.name, 200)],
);
