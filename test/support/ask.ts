import { readStream, type Stream } from './sse.ts';

/** The content of one user message, or the fields of a whole request over the defaults. */
export type Question = string | Readonly<Record<string, unknown>>;

export interface Asking {
  readonly url: string;
  readonly key: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly signal?: AbortSignal;
}

/** An answer read to its end. */
export interface Reply {
  readonly status: number;
  readonly headers: Headers;
  /** What `x-request-id` says: the gateway's own id, unless the caller sent one. */
  readonly id: string;
  readonly text: string;
  readonly body: Completion & Refusal;
  readonly stream: Stream;
}

export interface Completion {
  readonly id: string;
  readonly model: string;
  readonly system_fingerprint?: string;
  readonly choices: readonly {
    readonly index: number;
    readonly finish_reason: string;
    readonly message: {
      readonly content: string | null;
      readonly refusal: string | null;
      readonly tool_calls?: readonly {
        readonly function: { readonly name: string; readonly arguments: string };
      }[];
    };
  }[];
  readonly usage: {
    readonly prompt_tokens: number;
    readonly completion_tokens: number;
    readonly total_tokens: number;
  };
  readonly stewardgate: {
    readonly redactions: number;
    readonly decision_id: string;
    readonly policy_set: string;
  };
}

export interface Refusal {
  readonly error: {
    readonly code: string;
    readonly type: string;
    readonly message: string;
    readonly param: string | null;
    readonly inner_error: {
      readonly code: string;
      readonly request_id: string;
      readonly reasons: readonly string[];
    };
  };
}

/** Sends one chat completion request and reads the whole answer. */
export async function ask({ url, key, headers = {}, signal }: Asking, question: Question): Promise<Reply> {
  const response = await fetch(`${url}/v1/chat/completions`, {
    method: 'POST',
    headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json', ...headers },
    body: JSON.stringify(bodyOf(question)),
    ...(signal === undefined ? {} : { signal }),
  });
  const text = await response.text();
  return {
    status: response.status,
    headers: response.headers,
    id: response.headers.get('x-request-id') ?? '',
    text,
    get body() {
      return JSON.parse(text) as Completion & Refusal;
    },
    get stream() {
      return readStream(text);
    },
  };
}

export function bodyOf(question: Question): Readonly<Record<string, unknown>> {
  const { content, ...more } = typeof question === 'string' ? { content: question } : question;
  const messages = [{ role: 'user', content: content ?? 'Adult with new hypertension: what next?' }];
  return { model: 'mayo-cr', messages, ...more };
}
