import type { EmbeddingsPrompt } from '../core/models/embeddings.ts';
import { REDACTION_ENGINE } from '../core/redaction/engine.ts';
import { mint, type Pass } from '../domain/pass.ts';
import { Phi } from '../domain/phi.ts';
import type { EmbeddingsPermit } from './admit-inputs.ts';
import { refuseFound } from './deidentify.ts';
import type { Entry } from './entry.ts';
import type { House } from './house.ts';
import { Sieve } from './sieve.ts';

export type CleanInputs = Pass<
  'deidentified',
  {
    readonly permit: EmbeddingsPermit;
    readonly prompt: Phi<EmbeddingsPrompt>;
    readonly counts: Readonly<Record<string, number>>;
  }
>;

/**
 * What the model may see. Every input is scanned by itself, as it will be embedded; the policy says whether identifiers
 * in it are replaced, refused (`undeclared_phi`) or passed. Throws `redaction_unavailable` when scanning fails.
 */
export async function deidentifyInputs(
  house: House,
  entry: Entry,
  permit: EmbeddingsPermit,
): Promise<CleanInputs> {
  const { asked, decision } = permit.grant;
  const { inputs: sent, ...rest } = asked.prompt.reveal();
  const sieve = new Sieve(decision.obligations.deidentify, asked.context.dataClass, house.clock);
  const inputs: string[] = [];
  for (const text of sent) inputs.push(await sieve.text(text));
  const { counts } = sieve;
  entry.note({
    redactions: 0,
    redaction: { engine: REDACTION_ENGINE, input: counts, output: {}, unitsScanned: 0, unitsEmitted: 0 },
  });
  refuseFound(decision, counts, 'input');
  return mint({ permit, prompt: new Phi({ ...rest, inputs }), counts });
}
