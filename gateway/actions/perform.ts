import { parseOrRefuse } from '../contract/parse.ts';
import { Problem } from '../domain/problem.ts';
import type { Act } from './action.ts';
import type { ActFile, Actor, Office } from './office.ts';

/**
 * Does one act of the catalogue: authorise, begin, run, append the audit record in the same transaction, commit.
 * Gives the answer. Throws `insufficient_scope`, `not_found` for a tenant that is not the actor's, the problems of the input and those of the act; then nothing has changed
 * and the file is still open for the record of the refusal.
 */
export async function perform(
  office: Office,
  file: ActFile,
  act: Act,
  actor: Actor,
  input: unknown,
): Promise<unknown> {
  file.note({ eventType: act.event, action: act.action });
  if (!isPermitted(office, act, actor))
    throw new Problem('insufficient_scope', { reasons: [act.permission] });
  const parsed = parseOrRefuse(act.input, input);
  requireOwnTenant(act, actor, parsed);
  const success = { outcome: 'success', httpStatus: act.status } as const;
  if (act.kind === 'read') {
    const { answer, note } = await act.run(parsed, { office, actor, desk: undefined });
    file.note({ search: note });
    await office.ledger.append(file.close(success));
    return answer;
  }
  const change = office.change(async (desk) => {
    const { answer, note } = await act.run(parsed, { office, actor, desk });
    file.note({ admin: note });
    return { result: answer, record: file.close(success) };
  });
  return change.catch((fault: unknown) => {
    file.reopen();
    throw fault;
  });
}

function isPermitted(office: Office, act: Act, { role, tenant }: Actor): boolean {
  if (tenant !== null && act.reach === 'owner') return false;
  return office.permits(role, act.permission);
}

/** Another tenant is no more there than one that does not exist. */
function requireOwnTenant(act: Act, { tenant }: Actor, parsed: unknown): void {
  if (tenant === null || act.reach !== 'named tenant') return;
  const isTheirs =
    typeof parsed === 'object' && parsed !== null && 'tenant' in parsed && parsed.tenant === tenant.slug;
  if (!isTheirs) throw new Problem('not_found');
}
