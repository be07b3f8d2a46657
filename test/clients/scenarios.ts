import type { CallName, Driver } from './driver.ts';
import { ANSWER, DECLINED, type FIXTURES, LONG, TRIAGE, USAGE, WISH } from './fixtures.ts';
import type { Seen } from './notebook.ts';

/** One row of the table: a call that every client makes, and what its program must then see. */
export interface Scenario {
  readonly title: string;
  readonly group: 'answers' | 'refusals' | 'broken';
  readonly call: CallName;
  /** What the simulated model says; by default a plain answer. */
  readonly says?: keyof typeof FIXTURES;
  /** The question itself, where it matters. */
  readonly content?: string;
  readonly model?: string;
  /** The demo tenant that asks, or one whose minute is used up; by default `northwind`. */
  readonly as?: 'northwind' | 'lakeside' | 'summit' | 'nobody' | 'a used-up tenant' | 'who used the key';
  readonly headers?: Readonly<Record<string, string>>;
  readonly hazard?: 'the line is cut' | 'the gateway is busy twice' | 'the ledger is down';
  readonly retriesMax?: number;
  /** The path that the gateway must serve for it; without it the row is skipped. */
  readonly needs?: string;
  readonly expects: Expectation;
  readonly except?: readonly Exception[];
}

/** What is named must be seen exactly; what is not named is not looked at, but no error may come unasked. */
export interface Expectation extends Partial<Omit<Seen, 'error'>> {
  readonly requests: number;
  /** Null where a client tells of none. */
  readonly error?: ExpectedError | null;
  /** The text is some beginning of this, and not empty. */
  readonly textBegins?: string;
}

interface ExpectedError {
  readonly status: number | null;
  readonly code: string | null;
  /** By family, where it does not follow from the status. */
  readonly kinds?: Readonly<Record<Driver['family'], string>>;
}

/** What some clients do differently, of their own accord. */
export interface Exception {
  readonly drivers: readonly string[];
  readonly because: string;
  readonly expects: Partial<Expectation>;
}

const WHOLE = { text: ANSWER, finish: 'stop', usage: USAGE, requests: 1 };
const OF_AI_SDK = ['@ai-sdk/openai', '@ai-sdk/azure', '@ai-sdk/openai-compatible'];
const OF_LANGCHAIN = ['@langchain/openai: ChatOpenAI', '@langchain/openai: AzureChatOpenAI'];

const REFUSAL_AS_TEXT: Exception = {
  drivers: ['@ai-sdk/openai', '@ai-sdk/openai-compatible'],
  because: 'gives the refusal as text, and `content-filter` as its reason',
  expects: { text: DECLINED, refusal: '', finish: 'content_filter' },
};
const REFUSAL_LOST: Exception = {
  drivers: ['@ai-sdk/azure', ...OF_LANGCHAIN],
  because: 'loses the refusal: the program sees an empty answer that ended by itself',
  expects: { refusal: '' },
};

const ANSWERS: readonly Omit<Scenario, 'group'>[] = [
  { title: 'a question', call: 'ask', expects: WHOLE },
  { title: 'a stream', call: 'stream', expects: WHOLE },
  { title: "a stream by the client's own helper", call: 'helperStream', expects: WHOLE },
  {
    title: 'an answer cut at its token limit',
    call: 'ask',
    says: 'capped',
    expects: { text: LONG, finish: 'length', usage: USAGE, requests: 1 },
  },
  {
    title: 'a tool call',
    call: 'tools',
    says: 'tool',
    expects: {
      finish: 'tool_calls',
      tools: [{ name: 'look_up_dose', given: WISH }],
      usage: USAGE,
      requests: 1,
    },
  },
  {
    title: 'an answer by a JSON schema',
    call: 'jsonSchema',
    says: 'triage',
    expects: { value: TRIAGE, finish: 'stop', usage: USAGE, requests: 1 },
  },
  {
    title: 'a refusal of the model',
    call: 'ask',
    says: 'declined',
    expects: { text: '', refusal: DECLINED, finish: 'stop', usage: USAGE, requests: 1 },
    except: [REFUSAL_AS_TEXT, REFUSAL_LOST],
  },
  {
    title: 'a refusal of the model, streamed',
    call: 'stream',
    says: 'declined',
    expects: { text: '', refusal: DECLINED, finish: 'stop', usage: USAGE, requests: 1 },
    except: [REFUSAL_AS_TEXT, REFUSAL_LOST],
  },
  {
    title: 'the models',
    call: 'models',
    expects: { names: ['mayo-cr-2', 'mayo-cr-1', 'mayo-cr'], requests: 1 },
  },
  { title: 'a question to the Responses API', call: 'responses', needs: '/v1/responses', expects: WHOLE },
  { title: 'a stream of the Responses API', call: 'responsesStream', needs: '/v1/responses', expects: WHOLE },
  { title: 'an embedding', call: 'embeddings', needs: '/v1/embeddings', expects: { requests: 1 } },
  {
    title: 'a busy gateway, waited for',
    call: 'ask',
    hazard: 'the gateway is busy twice',
    expects: { ...WHOLE, requests: 3 },
  },
];

const refused = (status: number, code: string): Expectation => ({
  error: { status, code },
  text: '',
  requests: 1,
});

const REFUSALS: readonly Omit<Scenario, 'group'>[] = [
  { title: 'a key that is none', call: 'ask', as: 'nobody', expects: refused(401, 'invalid_api_key') },
  {
    title: 'a purpose that policy denies on these data',
    call: 'ask',
    as: 'summit',
    headers: { 'x-stewardgate-purpose': 'COVERAGE', 'x-stewardgate-data-class': 'phi' },
    expects: refused(403, 'policy_denied'),
  },
  {
    title: 'the same purpose, streamed',
    call: 'stream',
    as: 'summit',
    headers: { 'x-stewardgate-purpose': 'COVERAGE', 'x-stewardgate-data-class': 'phi' },
    expects: refused(403, 'policy_denied'),
  },
  {
    title: 'an identifier where none was declared',
    call: 'ask',
    as: 'lakeside',
    content: 'Patient SSN 536-22-8718 has a cough',
    expects: refused(400, 'undeclared_phi'),
  },
  {
    title: 'a purpose that is no word of the vocabulary',
    call: 'ask',
    headers: { 'x-stewardgate-purpose': 'CURIOSITY' },
    expects: refused(400, 'context_invalid'),
  },
  {
    title: 'a model that is none',
    call: 'ask',
    model: 'mayo-cr-9',
    expects: refused(404, 'model_not_found'),
  },
  {
    title: "the host's content filter",
    call: 'ask',
    says: 'filtered',
    expects: refused(400, 'content_filter'),
  },
  {
    title: 'a prompt that the host rejects',
    call: 'ask',
    says: 'rejected',
    expects: refused(400, 'upstream_rejected'),
  },
  {
    title: 'a rate limit, with retries off',
    call: 'ask',
    as: 'a used-up tenant',
    retriesMax: 0,
    expects: refused(429, 'rate_limit_exceeded'),
  },
  {
    title: 'a host that fails',
    call: 'ask',
    says: 'unwell',
    expects: { ...refused(502, 'upstream_error'), requests: 3 },
  },
  {
    title: 'a prompt that is longer than a body may be',
    call: 'ask',
    content: 'a cough, '.repeat(600_000),
    expects: refused(413, 'body_too_large'),
  },
  {
    title: 'an idempotency key that named another request',
    call: 'ask',
    as: 'who used the key',
    headers: { 'idempotency-key': 'named-before' },
    expects: refused(422, 'idempotency_mismatch'),
    except: [
      {
        drivers: OF_LANGCHAIN,
        because: 'asks again, in vain; nobody is asked and nothing metered',
        expects: { requests: 3 },
      },
    ],
  },
  {
    title: 'a gateway that cannot record',
    call: 'ask',
    hazard: 'the ledger is down',
    expects: { ...refused(503, 'audit_unavailable'), requests: 3 },
  },
  {
    title: 'a refusal of the Responses API',
    call: 'responses',
    needs: '/v1/responses',
    model: 'mayo-cr-9',
    expects: refused(404, 'model_not_found'),
  },
  {
    title: 'a refusal of an embedding',
    call: 'embeddings',
    needs: '/v1/embeddings',
    model: 'mayo-cr-9',
    expects: refused(404, 'model_not_found'),
  },
];

const STOPPED = { text: LONG, finish: 'content_filter', usage: USAGE, requests: 1 };
const FAULT = {
  status: null,
  code: 'upstream_error',
  kinds: { openai: 'APIError', 'ai-sdk': 'AI_StreamProviderError', langchain: 'APIError' },
};
const FAILED: Expectation = {
  error: FAULT,
  text: LONG,
  finish: '',
  requests: 1,
};
const CUT_OFF = {
  status: null,
  code: null,
  kinds: { openai: 'TypeError', 'ai-sdk': 'AI_APICallError', langchain: 'TypeError' },
};
const CUT: Expectation = {
  error: CUT_OFF,
  textBegins: LONG,
  finish: '',
  requests: 1,
};
const AI_SDK_GATHERS: Exception = {
  drivers: OF_AI_SDK,
  because: 'its gathered text resolves; only the reason `error` and the error part of the stream tell',
  expects: { error: null, finish: 'error' },
};

const BROKEN: readonly Omit<Scenario, 'group'>[] = [
  { title: 'a stream that the filter stops', call: 'stream', says: 'stopped', expects: STOPPED },
  {
    title: 'a stream that the filter stops, by the helper',
    call: 'helperStream',
    says: 'stopped',
    expects: STOPPED,
  },
  {
    title: 'a stream of the Responses API that the filter stops',
    call: 'responsesStream',
    says: 'stopped',
    needs: '/v1/responses',
    expects: STOPPED,
  },
  {
    title: 'an answer by a JSON schema that the filter stops',
    call: 'jsonSchema',
    says: 'stopped',
    expects: {
      error: {
        status: null,
        code: null,
        kinds: {
          openai: 'ContentFilterFinishReasonError',
          'ai-sdk': 'AI_NoObjectGeneratedError',
          langchain: 'ContentFilterFinishReasonError',
        },
      },
      requests: 1,
    },
    except: [
      {
        drivers: OF_LANGCHAIN,
        because: 'takes the stop for a passing fault and asks again; each answer is metered',
        expects: { requests: 3 },
      },
    ],
  },
  {
    title: 'a stream that the host fails',
    call: 'stream',
    says: 'failed',
    expects: FAILED,
    except: [
      {
        drivers: ['@ai-sdk/openai', '@ai-sdk/azure'],
        because: 'puts status 500 on an error that comes inside a stream',
        expects: { error: { ...FAULT, status: 500 } },
      },
    ],
  },
  {
    title: 'a stream that the host fails, by the helper',
    call: 'helperStream',
    says: 'failed',
    expects: FAILED,
    except: [AI_SDK_GATHERS],
  },
  {
    title: 'a connection that is cut in a stream',
    call: 'stream',
    says: 'long',
    hazard: 'the line is cut',
    expects: CUT,
    except: [
      {
        drivers: OF_AI_SDK,
        because: 'shows the status 200 that the answer began with',
        expects: { error: { ...CUT_OFF, status: 200 } },
      },
    ],
  },
];

/** Every row, in the order of the table. */
export const SCENARIOS: readonly Scenario[] = [
  ...ANSWERS.map((one) => ({ ...one, group: 'answers' as const })),
  ...REFUSALS.map((one) => ({ ...one, group: 'refusals' as const })),
  ...BROKEN.map((one) => ({ ...one, group: 'broken' as const })),
];
