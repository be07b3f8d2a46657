import { Command } from 'commander';
import { auditPage } from '../contract/audit.ts';
import { print } from './print.ts';
import { callGateway, type RemoteOptions, speaksTo } from './remote.ts';

const FILTERS = [
  'tenant',
  'request-id',
  'phase',
  'event-type',
  'outcome',
  'decision',
  'purpose',
  'user-ref',
  'from',
  'to',
];
const PAGE_ROWS = 200;

/** `stewardgate audit search`, on a running gateway: one JSON record a line, newest first. */
export function auditVerbs(): Command {
  const search = speaksTo(
    new Command('search').description('search the ledger; one JSON record a line, newest first'),
  );
  for (const name of FILTERS) search.option(`--${name} <value>`);
  search.option('--limit <count>', 'how many records at the most', '50');
  search.action((options: SearchOptions) => searchRecords(options));
  return new Command('audit').description('the audit ledger').addCommand(search);
}

interface SearchOptions extends RemoteOptions {
  readonly limit: string;
  readonly [filter: string]: string | undefined;
}

async function searchRecords({ limit, url, ...filters }: SearchOptions): Promise<void> {
  let left = Number(limit);
  let cursor: string | null = null;
  while (left > 0) {
    const query = new URLSearchParams({ limit: String(Math.min(left, PAGE_ROWS)) });
    for (const [name, value] of Object.entries(filters))
      if (value !== undefined) query.set(snake(name), value);
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
