import type { ChatPrompt } from '../../../gateway/core/models/chat.ts';
import type { ModelCall, ModelReply, ReplyEvent } from '../../../gateway/core/models/upstream.ts';
import { Problem, type ProblemCode } from '../../../gateway/domain/problem.ts';

export function prompt(more: Partial<ChatPrompt> = {}): ChatPrompt {
  return {
    messages: [{ role: 'user', content: 'What speaks for and against a first-line drug?' }],
    maxCompletionTokens: 1_000,
    choices: 1,
    ...more,
  };
}

export function call(more: Partial<ModelCall> = {}): ModelCall {
  return {
    requestId: 'req_00000000-0000-7000-8000-000000000001',
    deployment: 'mayo-cr-1-deployment',
    stream: true,
    prompt: prompt(),
    safetyIdentifier: 'ab'.repeat(32),
    promptCacheKey: 'cd'.repeat(16),
    ...more,
  };
}

export async function eventsOf(reply: ModelReply): Promise<ReplyEvent[]> {
  const all: ReplyEvent[] = [];
  for await (const batch of reply.events) all.push(...batch);
  return all;
}

/** Neighbouring texts joined, so that the cut into batches does not show. */
export function joined(events: readonly ReplyEvent[]): ReplyEvent[] {
  const all: ReplyEvent[] = [];
  for (const event of events) {
    const last = all.at(-1);
    if (
      event.kind === 'text' &&
      last?.kind === 'text' &&
      last.choice === event.choice &&
      last.field === event.field
    ) {
      all[all.length - 1] = { ...event, text: last.text + event.text };
    } else if (
      event.kind === 'toolArguments' &&
      last?.kind === 'toolArguments' &&
      last.choice === event.choice &&
      last.index === event.index
    ) {
      all[all.length - 1] = { ...event, text: last.text + event.text };
    } else all.push(event);
  }
  return all;
}

export function textOf(events: readonly ReplyEvent[], choice = 0): string {
  return events
    .filter((event) => event.kind === 'text' && event.field === 'content' && event.choice === choice)
    .map((event) => (event.kind === 'text' ? event.text : ''))
    .join('');
}

/** For assert.rejects and assert.throws: a Problem of that code. */
export function isProblem(code: ProblemCode): (thrown: unknown) => boolean {
  return (thrown) => thrown instanceof Problem && thrown.code === code;
}
