import { admitInputs } from './admit-inputs.ts';
import { authorize } from './authorize.ts';
import { consultEmbedder } from './consult-embedder.ts';
import { deidentifyInputs } from './deidentify-inputs.ts';
import type { EmbeddingsWish } from './embeddings-dialect.ts';
import type { Entry } from './entry.ts';
import type { House } from './house.ts';
import { identify } from './identify.ts';
import type { ModelRequest } from './model-request.ts';
import { once, type Repeat } from './once.ts';
import { type EmbeddingsAnswer, settleEmbeddings } from './settle-embeddings.ts';
import { understand } from './understand.ts';

/**
 * The whole life of an embeddings request: the journey of a chat, less the redaction of what comes back, which is
 * numbers. Resolves when the `completed` record is durable; throws the Problem that stopped it, already in the ledger.
 */
export async function embeddingsJourney(
  house: House,
  entry: Entry,
  request: ModelRequest<EmbeddingsWish>,
): Promise<EmbeddingsAnswer | Repeat> {
  entry.note({ eventType: 'model.embed' });
  return settleEmbeddings(house, entry, request, async () => {
    const caller = await identify(house, entry, request); // who: tenant, client, human, context assurance
    const asked = await understand(entry, caller, request); // what: the body, parsed against the allow-list
    const grant = authorize(house, entry, asked, 'embeddings'); // may they: Casbin decision and obligations
    const turn = await once(house, entry, grant, request); // is it new: a duplicate gets the answer that there is
    if (turn.isRepeat) return turn;
    const permit = await admitInputs(house, entry, turn); // is there room: rate, tokens, concurrency
    const inputs = await deidentifyInputs(house, entry, permit); // what the model may see
    return consultEmbedder(house, entry, inputs, request); // `decided` durable, then ask the model
  }); // meter, release the reservation, `completed` durable
}
