/** Where one client is pointed, and as whom. */
export interface Place {
  /** Without a path; each client adds its own. */
  readonly url: string;
  readonly key: string;
  readonly headers: Readonly<Record<string, string>>;
  /** How often the client may ask again by itself. */
  readonly retriesMax: number;
}

export interface Question {
  readonly content: string;
  readonly model: string;
}

/** What a client hands to the program that uses it; kept as it comes, so that it is known also when the call fails. */
export interface Ear {
  text(piece: string): void;
  /** The model's own refusal, where the client tells it from text. */
  refusal(piece: string): void;
  /** In OpenAI's words: `stop`, `length`, `tool_calls`, `content_filter`. */
  finish(reason: string): void;
  usage(input: number | undefined, output: number | undefined): void;
  tool(name: string, given: unknown): void;
  /** The parsed value of a structured answer. */
  value(value: unknown): void;
  names(ids: readonly string[]): void;
  vector(values: readonly number[]): void;
}

type Call = (question: Question, ear: Ear) => Promise<void>;

/** What one client can do; a call that it does not have is absent. */
export interface Session {
  readonly ask: Call;
  readonly stream: Call;
  /** The client's own gatherer of a stream. */
  readonly helperStream: Call;
  readonly tools: Call;
  readonly jsonSchema: Call;
  readonly responses?: Call;
  readonly responsesStream?: Call;
  readonly embeddings?: Call;
  readonly models?: Call;
}

export type CallName = keyof Session;

/** One stock client: a column of the table. */
export interface Driver {
  readonly name: string;
  readonly family: 'openai' | 'ai-sdk' | 'langchain';
  readonly packageName: string;
  /** What a partner sets to reach the gateway. */
  readonly pointing: string;
  open(place: Place): Session;
}

/** The one tool that is offered wherever tools are. */
export const DOSE_TOOL = {
  name: 'look_up_dose',
  description: 'Finds the usual dose of a drug',
  parameters: {
    type: 'object' as const,
    properties: { drug: { type: 'string' as const }, weightKg: { type: 'number' as const } },
    required: ['drug', 'weightKg'],
    additionalProperties: false,
  },
};

/** The one shape that is asked for wherever structured answers are. */
export const TRIAGE_SCHEMA = {
  type: 'object' as const,
  properties: {
    urgency: { type: 'string' as const, enum: ['low', 'high'] },
    steps: { type: 'array' as const, items: { type: 'string' as const } },
  },
  required: ['urgency', 'steps'],
  additionalProperties: false,
};
