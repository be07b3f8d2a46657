import type { ChatPrompt } from './chat.ts';

/** Where in a prompt data stands that a model may take for orders, and how many sentences there give it one. */
type PlantedOrders = Partial<Readonly<Record<'tool_results' | 'tool_arguments' | 'schemas', number>>>;

/** Texts are looked through up to this many UTF-16 units in all; an order meant to be found stands early. */
const UNITS_MAX = 262_144;

/**
 * Counts orders in what should be data: results and arguments of tools, descriptions and schemas of tools and formats
 * (indirect prompt injection, OWASP LLM01:2025). What a person asks for themselves is theirs to ask. Undefined when none is there.
 */
export function plantedOrders({ messages, tools, responseFormat }: ChatPrompt): PlantedOrders | undefined {
  const results = messages.flatMap((one) => (one.role === 'tool' ? [one.content] : []));
  const calls = messages.flatMap((one) => (one.role === 'assistant' ? (one.toolCalls ?? []) : []));
  const counted = {
    tool_results: ordersIn(results),
    tool_arguments: ordersIn(calls.map((call) => call.arguments)),
    schemas: ordersIn([JSON.stringify(tools ?? []), JSON.stringify(responseFormat ?? {})]),
  };
  const found = Object.entries(counted).filter(([, count]) => count > 0);
  return found.length === 0 ? undefined : Object.fromEntries(found);
}

function ordersIn(texts: readonly string[]): number {
  let left = UNITS_MAX;
  let count = 0;
  for (const text of texts) {
    count += [...spoken(text.slice(0, left)).matchAll(ORDER)].length;
    left = Math.max(0, left - text.length);
  }
  return count;
}

/** Without disguise: one style of letters, nothing invisible, one blank between words. */
function spoken(text: string): string {
  return text
    .normalize('NFKC')
    .toLowerCase()
    .replace(/\p{Cf}/gu, '')
    .replace(/\\[nrt]|[\s*_~`]+/g, ' ');
}

const OVERRULE =
  '(?:ignore|disregard|forget|override|bypass)(?: \\w{1,12}){0,3} (?:instruction|prompt|rule|guideline|polic|direction|command)';
const REVEAL =
  '(?:reveal|print|repeat|show|output|disclose|leak)(?: \\w{1,12}){0,3} (?:system|hidden|initial|original|secret) (?:prompt|instruction|message)';
const REPLACE = '(?:new|updated|real|actual) (?:system )?(?:instruction|prompt|order)s?:';
const BECOME = 'you are (?:now|no longer) (?:a|an|the|bound|in|my|restricted|required)';
const CONCEAL =
  "(?:do not|don't|never) (?:tell|inform|alert|warn|mention(?: this| it)? to) (?:the )?(?:user|patient|clinician|doctor|nurse|human|physician)";
const FENCE = '<\\|?(?:im.start|im.end|system|endoftext)\\|?>|\\[/?inst\\]|<</?sys>>';

const ORDER = new RegExp([OVERRULE, REVEAL, REPLACE, BECOME, CONCEAL, FENCE].join('|'), 'g');
