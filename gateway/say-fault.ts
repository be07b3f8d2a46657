import { ConfigError } from './config.ts';
import { Problem } from './domain/problem.ts';

/**
 * What a person at the terminal is told of a fault. A driver's message may hold SQL and values, so of an error that is
 * neither the gateway's own nor the system's only its name and code are told.
 */
export function sayFault(fault: unknown): string {
  if (fault instanceof Problem) return linesOf(fault);
  if (isPlain(fault)) return fault.message;
  return `a fault that nobody foresaw (${nameAndCode(fault)})`;
}

function linesOf({ code, message, param, reasons }: Problem): string {
  const about = param === undefined ? [] : [`parameter: ${param}`];
  return [`${code}: ${message}`, ...about, ...reasons].join('\n  ');
}

/** Ours, or of the operating system, such as a file that is missing or a port that is taken. */
function isPlain(fault: unknown): fault is Error {
  return fault instanceof ConfigError || (fault instanceof Error && fault.constructor === Error);
}

/** Why a resource could not be opened: in words when there are any to tell, else by the code that its driver gave. */
export function sayWhy(fault: unknown): string {
  return isPlain(fault) ? fault.message : `it cannot be opened (${nameAndCode(fault)})`;
}

function nameAndCode(fault: unknown): string {
  if (!(fault instanceof Error)) return typeof fault;
  return [fault.name, codeOf(fault) ?? codeOf(fault.cause)].filter(Boolean).join(' ');
}

function codeOf(fault: unknown): string | undefined {
  const code = fault instanceof Error && 'code' in fault ? fault.code : undefined;
  return typeof code === 'string' ? code : undefined;
}
