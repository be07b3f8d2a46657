import type { ChatCompletion, ChatCompletionChunk, CompletionUsage } from '../contract/openai-chat.ts';
import type { TokenUsage } from '../core/metering/usage.ts';
import type { FinishReason, ReplyEvent } from '../core/models/upstream.ts';
import type { Problem } from '../domain/problem.ts';
import type { Entry } from '../pipeline/entry.ts';
import { given } from '../pipeline/given.ts';
import type { Answer } from '../pipeline/settle.ts';
import { metadataOf } from './metadata.ts';
import { envelopeOf } from './present-problem.ts';
import type { FrameWriter, Presenter } from './presenter.ts';

type ChunkChoice = ChatCompletionChunk['choices'][number];

/** Chat completions: one `chat.completion`, or chunks that end in `[DONE]`. */
export const chatPresenter: Presenter = {
  whole: wholeCompletion,
  stream: (entry, answer) => new ChunkWriter(entry, answer),
  params: new Map(),
};

/** What every chunk and the whole completion say alike. */
function headOf(entry: Entry, answer: Answer) {
  return {
    id: `chatcmpl-${entry.requestId.slice('req_'.length)}`,
    created: Math.floor(entry.openedAt / 1_000),
    model: answer.versionId,
    ...given('system_fingerprint', answer.systemFingerprint),
  };
}

async function wholeCompletion(entry: Entry, answer: Answer): Promise<ChatCompletion> {
  const choices = new Map<number, GatheredChoice>();
  let usage = usageOf(undefined);
  for await (const batch of answer.batches) {
    for (const event of batch) {
      if (event.kind === 'usage') usage = usageOf(event.usage);
      else gather(choices, event);
    }
  }
  const inOrder = [...choices.entries()].toSorted(([a], [b]) => a - b);
  return {
    ...headOf(entry, answer),
    object: 'chat.completion',
    choices: inOrder.map(([index, choice]) => choiceOf(index, choice)),
    usage,
    stewardgate: metadataOf(entry, answer),
  };
}

interface GatheredChoice {
  content: string | null;
  refusal: string | null;
  finish: FinishReason;
  readonly toolCalls: Map<number, { id: string; name: string; arguments: string }>;
}

function gather(choices: Map<number, GatheredChoice>, event: Exclude<ReplyEvent, { kind: 'usage' }>): void {
  const choice = choices.get(event.choice) ?? {
    content: null,
    refusal: null,
    finish: 'stop',
    toolCalls: new Map(),
  };
  choices.set(event.choice, choice);
  switch (event.kind) {
    case 'text':
      choice[event.field] = (choice[event.field] ?? '') + event.text;
      break;
    case 'toolCall':
      choice.toolCalls.set(event.index, { id: event.id, name: event.name, arguments: '' });
      break;
    case 'toolArguments': {
      const call = choice.toolCalls.get(event.index);
      if (call !== undefined) call.arguments += event.text;
      break;
    }
    case 'finish':
      choice.finish = event.reason;
  }
}

function choiceOf(index: number, choice: GatheredChoice): ChatCompletion['choices'][number] {
  const calls = [...choice.toolCalls.values()].map(({ id, name, arguments: text }) => ({
    id,
    type: 'function' as const,
    function: { name, arguments: text },
  }));
  return {
    index,
    message: {
      role: 'assistant',
      content: choice.content ?? (calls.length > 0 || choice.refusal !== null ? null : ''),
      refusal: choice.refusal,
      ...(calls.length > 0 ? { tool_calls: calls } : {}),
    },
    logprobs: null,
    finish_reason: choice.finish,
  };
}

function usageOf(usage: TokenUsage | undefined): CompletionUsage {
  const { input, output, cachedInput, reasoning } = usage ?? {
    input: 0,
    output: 0,
    cachedInput: 0,
    reasoning: 0,
  };
  return {
    prompt_tokens: input,
    completion_tokens: output,
    total_tokens: input + output,
    prompt_tokens_details: { cached_tokens: cachedInput },
    completion_tokens_details: { reasoning_tokens: reasoning },
  };
}

/** Turns batches into `data:` frames: role, deltas, finish with the gateway's metadata, usage when asked for, `[DONE]`. */
class ChunkWriter implements FrameWriter {
  readonly #entry: Entry;
  readonly #answer: Answer;
  readonly #head: Omit<ChatCompletionChunk, 'choices'>;
  readonly #begun = new Set<number>();

  constructor(entry: Entry, answer: Answer) {
    this.#entry = entry;
    this.#answer = answer;
    const usage = answer.wantsUsage ? { usage: null } : {};
    this.#head = { ...headOf(entry, answer), object: 'chat.completion.chunk', ...usage };
  }

  opening(): string {
    return '';
  }

  /** Without `[DONE]`, so that no client takes what it has for the whole. */
  failure(problem: Problem): string {
    return `data: ${JSON.stringify(envelopeOf(this.#entry, problem))}\n\n`;
  }

  frames(batch: readonly ReplyEvent[]): string {
    return batch.map((event) => this.#framesOf(event)).join('');
  }

  #framesOf(event: ReplyEvent): string {
    if (event.kind === 'usage') {
      const last = this.#answer.wantsUsage
        ? frame({ ...this.#head, choices: [], usage: usageOf(event.usage) })
        : '';
      return `${last}data: [DONE]\n\n`;
    }
    return this.#roleOf(event.choice) + this.#choiceFrame(event);
  }

  #roleOf(choice: number): string {
    if (this.#begun.has(choice)) return '';
    this.#begun.add(choice);
    return this.#delta(choice, { role: 'assistant', content: '' });
  }

  #choiceFrame(event: Exclude<ReplyEvent, { kind: 'usage' }>): string {
    switch (event.kind) {
      case 'text':
        return this.#delta(event.choice, { [event.field]: event.text });
      case 'toolCall': {
        const { index, id, name } = event;
        return this.#delta(event.choice, {
          tool_calls: [{ index, id, type: 'function', function: { name, arguments: '' } }],
        });
      }
      case 'toolArguments':
        return this.#delta(event.choice, {
          tool_calls: [{ index: event.index, function: { arguments: event.text } }],
        });
      case 'finish': {
        const choice = { index: event.choice, delta: {}, logprobs: null, finish_reason: event.reason };
        return frame({
          ...this.#head,
          choices: [choice],
          stewardgate: metadataOf(this.#entry, this.#answer),
        });
      }
    }
  }

  #delta(index: number, delta: ChunkChoice['delta']): string {
    return frame({ ...this.#head, choices: [{ index, delta, logprobs: null, finish_reason: null }] });
  }
}

function frame(chunk: ChatCompletionChunk): string {
  return `data: ${JSON.stringify(chunk)}\n\n`;
}
