import { redactText } from '../core/redaction/redactor.ts';

/**
 * Whether a word of the model's host, such as an id, holds no identifier, its dashes read as spaces too: it passes as
 * it is or not at all. A UUID is plain by its form; one in seventy would look like a number of somebody's.
 */
export function isPlainWord(word: string): boolean {
  const spoken = word.replaceAll(/[_-]/g, ' ');
  return UUID.test(word) || (redactText(word).text === word && redactText(spoken).text === spoken);
}

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;
