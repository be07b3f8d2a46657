import { Problem } from '../domain/problem.ts';

/**
 * What a refused body asks for that the gateway knows and never grants: a tool that the model's host would run, or a
 * URL that it would fetch. Undefined when there is no such thing in it; it may be any value.
 */
export function forbiddenIn(body: unknown): Problem | undefined {
  const { tools, messages, input } = fieldsOf(body);
  if (listOf(tools).some(isHostsTool)) return new Problem('tool_not_allowed', { param: 'tools' });
  return remoteIn('messages', messages) ?? remoteIn('input', input);
}

function remoteIn(param: string, turns: unknown): Problem | undefined {
  const at = listOf(turns).findIndex((turn) => partsOf(turn).some(isRemote));
  return at < 0 ? undefined : new Problem('remote_url_not_allowed', { param: `${param}.${at}` });
}

function isHostsTool(tool: unknown): boolean {
  const { type } = fieldsOf(tool);
  return typeof type === 'string' && type !== 'function';
}

/** A turn's own words, or the result of a tool. */
function partsOf(turn: unknown): readonly unknown[] {
  const { content, output } = fieldsOf(turn);
  return [...listOf(content), ...listOf(output), output];
}

function isRemote(part: unknown): boolean {
  const { image_url: image, file_url: file } = fieldsOf(part);
  return [image, fieldsOf(image).url, file].some((url) => typeof url === 'string' && !/^data:/i.test(url));
}

function listOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

function fieldsOf(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null ? (value as Readonly<Record<string, unknown>>) : {};
}
