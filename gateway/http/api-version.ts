import type { IncomingMessage } from 'node:http';
import { Problem } from '../domain/problem.ts';

/** The versions of Azure's data plane whose requests and answers have the shape served here. */
const SUPPORTED: ReadonlySet<string> = new Set([
  'v1',
  'preview',
  'latest',
  '2024-02-01',
  '2024-05-01-preview',
  '2024-06-01',
  '2024-07-01-preview',
  '2024-08-01-preview',
  '2024-09-01-preview',
  '2024-10-01-preview',
  '2024-10-21',
  '2024-12-01-preview',
  '2025-01-01-preview',
  '2025-02-01-preview',
  '2025-03-01-preview',
  '2025-04-01-preview',
]);

/** Azure's routes that carry their version in the query alone. */
const VERSIONED = /^\/(openai\/deployments|models)\//;

/**
 * Refuses what names an `api-version` that is not supported, or two, or none where the path needs one.
 * Throws `unsupported_api_version`.
 */
export function requireApiVersion(request: IncomingMessage & { readonly originalUrl: string }): void {
  const { pathname, searchParams } = new URL(request.originalUrl, 'http://gateway.invalid');
  const versions = searchParams.getAll('api-version');
  if (versions.length === 0 && !VERSIONED.test(pathname)) return;
  if (versions.length !== 1 || !SUPPORTED.has(versions[0] ?? ''))
    throw new Problem('unsupported_api_version', { param: 'api-version' });
}
