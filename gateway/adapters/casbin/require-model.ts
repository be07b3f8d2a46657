import { Problem } from '../../domain/problem.ts';

/**
 * The matcher is part of the program, not of the policy: a model file is shown to stewards and given to Casbin, but
 * only when it says exactly what is expected here. Comments, spacing and line breaks are free. Anything else, such as
 * another function or a weaker effect, throws `policy_invalid`.
 */
export function requireModel(text: string, expected: string): void {
  const given = statements(text);
  const wanted = statements(expected);
  const at = wanted.findIndex((statement, index) => given[index] !== statement);
  if (text.length > MODEL_MAX_CHARS || at >= 0 || given.length !== wanted.length) {
    throw new Problem('policy_invalid', {
      reasons: [`model: statement ${at < 0 ? wanted.length + 1 : at + 1}`],
    });
  }
}

const MODEL_MAX_CHARS = 20_000;

function statements(text: string): readonly string[] {
  return text
    .slice(0, MODEL_MAX_CHARS)
    .split('\n')
    .map((line) => line.replace(/[#;].*$/, '').trim())
    .join('\n')
    .replaceAll(/\\\n+/g, ' ')
    .split('\n')
    .map((statement) => statement.replaceAll(/[ \t]+/g, ' ').trim())
    .filter((statement) => statement !== '');
}
