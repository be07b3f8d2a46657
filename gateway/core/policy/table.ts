/** A row of a stewards' table; no cell is empty. */
export interface Row<Column extends string> {
  readonly line: number;
  readonly cells: Readonly<Record<Column, string>>;
}

/** The rows that could be read, and why the others could not: `line 12: eft`. Any reason at all refuses the file. */
export interface Table<Column extends string> {
  readonly rows: readonly Row<Column>[];
  readonly reasons: readonly string[];
}

const TEXT_MAX_CHARS = 4_000_000;
const CELL_MAX_CHARS = 512;
const ROWS_MAX = 10_000;

/**
 * Reads comma-separated cells under a header that names exactly these columns. Spaces around a cell only align it.
 * `#` at the start of a line makes it a comment. There is no quoting, so there is one way to write a row; printable
 * ASCII only, so a word cannot look like another. Never throws.
 */
export function readTable<const Column extends string>(
  text: string,
  columns: readonly Column[],
): Table<Column> {
  if (text.length > TEXT_MAX_CHARS) return { rows: [], reasons: ['file: too_long'] };
  const written = text
    .split('\n')
    .map((content, index) => ({ line: index + 1, content }))
    .filter(({ content }) => content.trim() !== '' && !content.startsWith('#'));
  const odd = oddCharacters(text);
  if (odd.length > 0) return { rows: [], reasons: odd };
  const [header, ...body] = written;
  if (header === undefined || cellsOf(header.content).join() !== columns.join())
    return { rows: [], reasons: ['header'] };
  if (body.length === 0) return { rows: [], reasons: ['rows: none'] };
  if (body.length > ROWS_MAX) return { rows: [], reasons: ['rows: too_many'] };
  return readRows(body, columns);
}

interface Line {
  readonly line: number;
  readonly content: string;
}

function readRows<Column extends string>(body: readonly Line[], columns: readonly Column[]): Table<Column> {
  const rows: Row<Column>[] = [];
  const reasons: string[] = [];
  for (const { line, content } of body) {
    const cells = cellsOf(content);
    const faults = cells.length === columns.length ? cellFaults(cells, columns) : ['columns'];
    reasons.push(...faults.map((fault) => `line ${line}: ${fault}`));
    if (faults.length === 0) rows.push({ line, cells: named(columns, cells) });
  }
  return { rows, reasons };
}

function oddCharacters(text: string): readonly string[] {
  if (text.startsWith('\ufeff')) return ['line 1: byte_order_mark'];
  return text.split('\n').flatMap((content, index) => {
    const kind = oddness(content);
    return kind === undefined ? [] : [`line ${index + 1}: ${kind}`];
  });
}

function oddness(content: string): string | undefined {
  if (/[\u0000-\u001f\u007f]/.test(content)) return 'control_character';
  if (/[^\u0020-\u007e]/.test(content)) return 'not_ascii';
  return !content.startsWith('#') && /["'`]/.test(content) ? 'quote' : undefined;
}

function cellFaults(cells: readonly string[], columns: readonly string[]): readonly string[] {
  return columns.filter((_, at) => cells[at] === '' || (cells[at]?.length ?? 0) > CELL_MAX_CHARS);
}

function cellsOf(content: string): readonly string[] {
  return content.split(',').map((cell) => cell.trim());
}

function named<Column extends string>(
  columns: readonly Column[],
  cells: readonly string[],
): Record<Column, string> {
  // The lengths are equal, checked by the caller, so every column is present.
  return Object.fromEntries(columns.map((column, at) => [column, cells[at]])) as Record<Column, string>;
}
