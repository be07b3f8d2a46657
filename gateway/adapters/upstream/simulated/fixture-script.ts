import type { ChatPrompt } from '../../../core/models/chat.ts';
import { wordGroups } from './cut.ts';
import type { Fixture, Fixtures } from './fixtures.ts';
import { type ChoiceScript, type ToolScript, toolCallId } from './reply-script.ts';

/** The fixture that the last user message with a line `SIMULATE <name>` asks for. */
export function fixtureFor(prompt: ChatPrompt, fixtures: Fixtures): Fixture | undefined {
  const said = prompt.messages.flatMap(({ role, content }) => (role === 'user' ? [content] : []));
  return fixtureIn(said, fixtures);
}

/** The same of any texts: the last one that asks for a fixture counts. */
export function fixtureIn(texts: readonly string[], fixtures: Fixtures): Fixture | undefined {
  for (const text of texts.toReversed()) {
    const name = nameIn(text);
    if (name !== undefined) return fixtures.get(name);
  }
  return undefined;
}

const MARK = 'SIMULATE ';

function nameIn(content: string): string | undefined {
  const line = content.split('\n').find((one) => one.trim().startsWith(MARK));
  return line?.trim().slice(MARK.length).trim();
}

/** What each choice says under the fixture: canned, so neither cap nor format changes it. */
export function scriptOf(fixture: Fixture, prompt: ChatPrompt): ChoiceScript {
  const tool = toolOf(fixture, prompt);
  return {
    text: [...(fixture.chunks ?? wordGroups(fixture.content ?? '')), ...echoed(fixture, prompt)],
    refusal: wordGroups(fixture.refusal ?? ''),
    tool,
    finishReason: fixture.finishReason ?? (tool ? 'tool_calls' : 'stop'),
  };
}

function echoed({ echoSystem }: Fixture, { messages }: ChatPrompt): readonly string[] {
  return echoSystem ? wordGroups(messages[0]?.content ?? '') : [];
}

function toolOf({ toolArguments: made }: Fixture, prompt: ChatPrompt): ToolScript | null {
  if (made === undefined) return null;
  const text = typeof made === 'string' ? made : JSON.stringify(made);
  const name = prompt.tools?.[0]?.name ?? 'simulated_tool';
  return { id: toolCallId(0), name, arguments: text.match(/[\s\S]{1,24}/gu) ?? [] };
}

/** The bytes' text of a fixture's raw lines, each as the network would bring it. */
export function rawPieces(lines: readonly string[]): readonly string[] {
  const hasEnds = lines.some((line) => line === '' || line.includes('\n') || line.includes('\r'));
  return lines.map((line) => (hasEnds ? `${line}\n` : `${line}\n\n`));
}
