import { pick } from './pick.ts';
import { DEFAULT_TOPIC, TOPICS, type Topic } from './topics.ts';

/**
 * A clinical-style answer to the question, the same for the same question and seed. It says first that it is
 * simulated, and repeats nothing of the question.
 */
export function clinicalAnswer(question: string, seed: number): string {
  const topic = topicOf(question);
  return [
    `Simulated answer (no clinical model was asked). Topic: ${topic.name}.`,
    `Assessment: ${pick(OPENINGS, seed)} ${topic.assessment}`,
    `Reasoning:\n${numbered(rotated(topic.reasoning, seed))}`,
    `Next steps:\n${numbered(topic.nextSteps)}`,
    `Limits: ${pick(LIMITS, seed >>> 3)}`,
  ].join('\n\n');
}

function topicOf(question: string): Topic {
  const words = question.toLowerCase();
  return TOPICS.find((topic) => topic.keywords.some((keyword) => words.includes(keyword))) ?? DEFAULT_TOPIC;
}

const OPENINGS = [
  'On what is given:',
  'With the little that is known:',
  'As a first reading:',
  'Before any finding is checked:',
] as const;

const LIMITS = [
  'this text comes from fixed rules, knows nothing of the patient, and must not guide care.',
  'fixed rules wrote this; they have seen no chart, and a clinician decides.',
  'the rules behind this text are few and general, and they replace no judgement.',
] as const;

function numbered(lines: readonly string[]): string {
  return lines.map((line, at) => `${at + 1}. ${line}`).join('\n');
}

function rotated(lines: readonly string[], seed: number): readonly string[] {
  const turn = seed % lines.length;
  return [...lines.slice(turn), ...lines.slice(0, turn)];
}
