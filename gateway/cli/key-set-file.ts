import { readFileSync, statSync } from 'node:fs';
import { z } from 'zod';
import { ConfigError } from '../config.ts';
import { clientKeys } from '../contract/client-jwks.ts';
import { parseOrRefuse } from '../contract/parse.ts';

const BYTES_MAX = 65_536;
const keySet = z.looseObject({ keys: clientKeys });

/**
 * The public keys in a file. Throws the problems of the admin plane for what it would refuse, a private key above all:
 * it is refused here, so that it does not travel.
 */
export function readKeySet(file: string): { readonly keys: readonly unknown[] } {
  return { keys: parseOrRefuse(keySet, parsed(file)).keys };
}

function parsed(file: string): unknown {
  try {
    if (statSync(file).size <= BYTES_MAX) return JSON.parse(readFileSync(file, 'utf8'));
  } catch {}
  throw new ConfigError('the file cannot be read as JSON, or is too large');
}
