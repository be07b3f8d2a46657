/** Long enough that its first words leave while the rest is still looked at. */
export const LONG = 'Rest, drink enough, and come back when the fever lasts. '.repeat(12);
export const ANSWER = 'Rest, drink enough, and come for a review in two days.';
export const USAGE = { input: 21, output: 9 };
export const WISH = { drug: 'amlodipine', weightKg: 70 };
export const TRIAGE = { urgency: 'low', steps: ['rest', 'fluids'] };
export const DECLINED = 'I cannot help with that.';

const usage = {
  prompt_tokens: USAGE.input,
  completion_tokens: USAGE.output,
  total_tokens: USAGE.input + USAGE.output,
};

/** What the simulated model is told to say, by the name that a question asks for. */
export const FIXTURES = {
  answer: { chunks: ['Rest, drink ', 'enough, and come ', 'for a review in two days.'], usage },
  tool: { toolArguments: WISH, usage },
  triage: { content: JSON.stringify(TRIAGE), usage },
  long: { content: LONG, usage },
  declined: { refusal: DECLINED, usage },
  stopped: { chunks: [LONG], finishReason: 'content_filter', usage },
  capped: { chunks: [LONG], finishReason: 'length', usage },
  broken: { chunks: [LONG, 'and '], cutAfterChunks: 2 },
  failed: { chunks: [LONG], error: { code: 'server_error', message: 'the host fell over' } },
  filtered: { status: 400, error: 'content_filter' },
  rejected: {
    status: 400,
    error: { code: 'context_length_exceeded', message: 'too long', param: 'messages' },
  },
  busy: { status: 429, error: 'rate_limit_exceeded' },
  unwell: { status: 500 },
};
