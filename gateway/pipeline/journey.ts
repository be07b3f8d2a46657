import { admit } from './admit.ts';
import { allowImages } from './allow-images.ts';
import { authorize } from './authorize.ts';
import { consult } from './consult.ts';
import { deidentify } from './deidentify.ts';
import type { Entry } from './entry.ts';
import type { House } from './house.ts';
import { identify } from './identify.ts';
import type { ModelRequest } from './model-request.ts';
import { once, type Repeat } from './once.ts';
import { redact } from './redact.ts';
import { type Answer, settle } from './settle.ts';
import { understand } from './understand.ts';

/**
 * The whole life of a model request. Each stage mints a pass that the next one demands.
 * Resolves when the first redacted words are ready; throws the Problem that stopped it, already in the ledger.
 */
export async function journey(house: House, entry: Entry, request: ModelRequest): Promise<Answer | Repeat> {
  return settle(house, entry, request, async () => {
    const caller = await identify(house, entry, request); // who: tenant, client, human, context assurance
    const asked = await understand(entry, caller, request); // what: the body, parsed against the allow-list
    const grant = allowImages(entry, authorize(house, entry, asked, 'chat')); // may they: Casbin decision and obligations
    const turn = await once(house, entry, grant, request); // is it new: a duplicate gets the answer that there is
    if (turn.isRepeat) return turn;
    const permit = await admit(house, entry, turn); // is there room: rate, tokens, concurrency
    const prompt = await deidentify(house, entry, permit); // what the model may see
    const reply = await consult(house, entry, prompt, request); // `decided` durable, then ask the model
    return redact(house, reply); // what the caller may see, streaming or not
  }); // meter, release the reservation, `completed` durable
}
