import type { Ear } from './driver.ts';

/** What a program saw of one call. */
export interface Seen {
  readonly text: string;
  readonly refusal: string;
  readonly finish: string;
  readonly usage: { readonly input: number | undefined; readonly output: number | undefined } | null;
  readonly tools: readonly { readonly name: string; readonly given: unknown }[];
  readonly value: unknown;
  readonly names: readonly string[];
  /** How many numbers a vector had. */
  readonly dimensions: number;
  readonly error: SeenError | null;
}

export interface SeenError {
  /** The class, as a program would test for it. */
  readonly kind: string;
  readonly status: number | null;
  readonly code: string | null;
}

/** Writes down what an ear hears, and how the call failed if it did. */
export async function noteDown(call: (ear: Ear) => Promise<void>): Promise<Seen> {
  const seen = {
    text: '',
    refusal: '',
    finish: '',
    usage: null as Seen['usage'],
    value: undefined as unknown,
    dimensions: 0,
  };
  const tools: Seen['tools'][number][] = [];
  const names: string[] = [];
  const ear: Ear = {
    text: (piece) => void (seen.text += piece),
    refusal: (piece) => void (seen.refusal += piece),
    finish: (reason) => void (seen.finish = reason),
    usage: (input, output) => void (seen.usage = { input, output }),
    tool: (name, given) => void tools.push({ name, given }),
    value: (value) => void (seen.value = value),
    names: (ids) => void names.push(...ids),
    vector: (values) => void (seen.dimensions = values.length),
  };
  let error: SeenError | null = null;
  try {
    await call(ear);
  } catch (thrown) {
    error = errorOf(thrown);
  }
  return { ...seen, tools, names, error };
}

type Fields = Readonly<Record<string, unknown>>;
const fieldsOf = (value: unknown): Fields =>
  typeof value === 'object' && value !== null ? (value as Fields) : {};

/** The AI SDK wraps what it gave up on, and keeps the body under `data`. */
function errorOf(thrown: unknown): SeenError {
  const outer = fieldsOf(thrown);
  const { status, statusCode, code, data } = fieldsOf(outer.lastError ?? thrown);
  const inBody = fieldsOf(fieldsOf(data).error).code;
  return {
    kind: kindOf(thrown),
    status: numberOf(status ?? statusCode),
    code: textOf(code) ?? textOf(inBody) ?? null,
  };
}

const numberOf = (value: unknown) => (typeof value === 'number' ? value : null);
const textOf = (value: unknown) => (typeof value === 'string' ? value : undefined);

function kindOf(thrown: unknown): string {
  if (!(thrown instanceof Error)) return `no Error: ${typeof thrown}`;
  const inner = fieldsOf(thrown).lastError;
  const name = /^AI_/.test(thrown.name) ? thrown.name : thrown.constructor.name;
  return inner instanceof Error ? `${name} of ${kindOf(inner)}` : name;
}
