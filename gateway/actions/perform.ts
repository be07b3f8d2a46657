import { parseOrRefuse } from '../contract/parse.ts';
import { Problem } from '../domain/problem.ts';
import type { Act } from './action.ts';
import type { ActFile, Actor, Office } from './office.ts';

/**
 * Does one act of the catalogue: authorise, begin, run, append the audit record in the same transaction, commit.
 * Gives the answer. Throws `insufficient_scope`, the problems of the input and those of the act; then nothing has changed
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
  if (!office.permits(actor.role, act.permission))
    throw new Problem('insufficient_scope', { reasons: [act.permission] });
  const parsed = parseOrRefuse(act.input, input);
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
