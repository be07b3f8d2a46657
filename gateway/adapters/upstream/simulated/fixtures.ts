import { z } from 'zod';

const Text = z.string().max(4_000_000);
const Json = z.record(z.string().max(1_000), z.unknown());

const Answer = z.strictObject({
  content: Text.optional(),
  /** The text as a stream cuts it; `content` is then not needed. */
  chunks: z.array(Text).max(100_000).optional(),
  /** After the text it repeats the first message it was given, the owner's, word for word. */
  echoSystem: z.boolean().optional(),
  toolArguments: z.union([Text, Json]).optional(),
  refusal: Text.optional(),
  finishReason: z.string().max(64).optional(),
  /** As the wire writes it; null means that the host never reports any. */
  usage: z.union([Json, z.null()]).optional(),
  /** The host refuses with this status, and with `error` as the error of its body. */
  status: z.int().min(100).max(599).optional(),
  /** Without a status it breaks into the answer, after the text. */
  error: z.union([z.string().max(10_000), Json]).optional(),
  stallMs: z.int().min(0).max(120_000).optional(),
  /** The host closes the connection after so many chunks. */
  cutAfterChunks: z.int().min(0).max(100_000).optional(),
  /** The lines of the event stream, exactly; when none of them is blank, each is an event of its own. */
  raw: z.array(Text).max(100_000).optional(),
});

const NamedAnswers = z.record(z.string().min(1).max(100), z.preprocess(spelledOut, Answer));

/** A string stands for a fixture of that content. Not a union: its faults would not name the field. */
function spelledOut(fixture: unknown): unknown {
  return typeof fixture === 'string' ? { content: fixture } : fixture;
}

/** A canned answer. */
export type Fixture = z.infer<typeof Answer>;

/** Canned answers by name. */
export type Fixtures = ReadonlyMap<string, Fixture>;

/** Parses a fixtures file. Throws an Error that names the path in the file, never its content. */
export function parseFixtures(text: string): Fixtures {
  const parsed = NamedAnswers.safeParse(readJson(text));
  if (!parsed.success) throw new Error(`the fixtures are not valid: ${faults(parsed.error)}`);
  return new Map(Object.entries(parsed.data));
}

function readJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new Error('the fixtures are not JSON');
  }
}

function faults(error: z.ZodError): string {
  return error.issues
    .slice(0, 5)
    .map((issue) => `${issue.path.join('.') || 'the file'}: ${issue.message}`)
    .join('; ');
}
