import { Effect, type Effector, Enforcer, FunctionMap, newModelFromString } from 'casbin';

/** What to build an engine from; a row is a rule's cells in the order of the model's `p`. */
export interface EngineParts {
  /** Already known to be one of ours. */
  readonly modelText: string;
  readonly rows: readonly (readonly string[])[];
}

/** One immutable Casbin enforcer: it is never reloaded, so no request can meet it half empty. */
export interface Engine {
  /** Positions of every row that matched, allows and denies; throws when the engine did not look at each row once. */
  match(attributes: readonly string[]): Verdict;
}

export interface Verdict {
  readonly allowed: boolean;
  readonly matched: readonly number[];
}

/** Builds an engine aside from any other. An empty set is refused: Casbin would match its matcher against empty cells. */
export function buildEngine({ modelText, rows }: EngineParts): Engine {
  if (rows.length === 0) throw new Error('an engine without rules cannot decide');
  const model = newModelFromString(modelText);
  for (const row of rows) {
    if (!model.addPolicy('p', 'p', [...row])) throw new Error('a row was dropped by the engine');
  }
  const enforcer = new Enforcer();
  enforcer.setModel(model);
  leaveOnlyMembership(enforcer);
  const collector = createCollector();
  enforcer.setEffector(collector.effector);
  return {
    match(attributes) {
      const allowed = enforcer.enforceSync(...attributes);
      return collector.verdict(allowed, rows.length);
    },
  };
}

/**
 * Casbin gives every enforcer functions for patterns and paths. They are taken away, so no matcher can reach them;
 * what is left is exact membership. It also saves copying them once per rule per decision.
 */
function leaveOnlyMembership(enforcer: Enforcer): void {
  const functions = new FunctionMap();
  functions.addFunction('listed', listed);
  Object.assign(enforcer, { fm: functions });
}

/** Whether the word is one of the words between the bars, exactly. */
function listed(word: unknown, list: unknown): boolean {
  return typeof word === 'string' && typeof list === 'string' && list.split('|').includes(word);
}

const DENY_OVERRIDES = 'some(where (p_eft == allow)) && !some(where (p_eft == deny))';

/** Casbin's own effector stops at the first rule that settles the verdict; this one hears them all. */
function createCollector() {
  let effects: Effect[] = [];
  const decided = () => effects.includes(Effect.Allow) && !effects.includes(Effect.Deny);
  const effector: Effector = {
    newStream(expression) {
      if (expression !== DENY_OVERRIDES) throw new Error('the policy effect is not deny-overrides');
      effects = [];
      return {
        current: decided,
        pushEffect(effect) {
          effects.push(effect);
          return [decided(), false, false];
        },
      };
    },
  };
  return {
    effector,
    verdict(allowed: boolean, rows: number): Verdict {
      if (effects.length !== rows || allowed !== decided()) throw new Error('not every rule was heard');
      const matched = effects.flatMap((effect, at) => (effect === Effect.Indeterminate ? [] : [at]));
      return { allowed, matched };
    },
  };
}
