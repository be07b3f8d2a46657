import { Command, Option } from 'commander';
import { z } from 'zod';
import { auditPage, searchRecords } from '../contract/audit.ts';
import { asIn, wholeNumber } from './arguments.ts';
import { print } from './print.ts';
import { callGateway, type RemoteOptions, speaksTo } from './remote.ts';

const PAGE_ROWS = 200;
const RECORDS_MAX = 1_000_000;

/** `stewardgate audit search`, on a running gateway: one JSON record a line, newest first. */
export function auditVerbs(): Command {
  const search = speaksTo(
    new Command('search').description('search the ledger; all filters must hold; one JSON record a line'),
  );
  for (const filter of filters()) search.addOption(filter);
  search.option('--limit <count>', 'how many records at the most', wholeNumber(1, RECORDS_MAX), 50);
  search.action((options: SearchOptions) => searchRecordsOf(options));
  return new Command('audit').description('the audit ledger').addCommand(search);
}

/** The filters of the API, each by its own name and schema. */
function filters(): readonly Option[] {
  const { limit: _, cursor: __, ...shape } = searchRecords.shape;
  return Object.entries(shape).map(([name, schema]) => {
    const option = new Option(`--${name.replaceAll('_', '-')} <value>`, schema.description);
    const inner: unknown = schema.unwrap();
    return inner instanceof z.ZodEnum
      ? option.choices(inner.options.map(String))
      : option.argParser(asIn(schema));
  });
}

interface SearchOptions extends RemoteOptions {
  readonly limit: number;
  readonly [filter: string]: string | number | undefined;
}

async function searchRecordsOf({ limit, url, ...filters }: SearchOptions): Promise<void> {
  let left = limit;
  let cursor: string | null = null;
  while (left > 0) {
    const query = new URLSearchParams({ limit: String(Math.min(left, PAGE_ROWS)) });
    for (const [name, value] of Object.entries(filters))
      if (value !== undefined) query.set(snake(name), String(value));
    if (cursor !== null) query.set('cursor', cursor);
    const path = `/audit/v1/records?${query}`;
    const page = auditPage.parse(
      await callGateway(url === undefined ? {} : { url }, 'auditor', { method: 'GET', path }),
    );
    for (const record of page.data) print(JSON.stringify(record));
    left -= page.data.length;
    cursor = page.next_cursor;
    if (cursor === null) return;
  }
}

const snake = (name: string) => name.replaceAll(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
