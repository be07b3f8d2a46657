import { readFileSync } from 'node:fs';
import { isBuiltin } from 'node:module';
import { join, posix } from 'node:path';
import { effectsIn } from './effects.ts';
import {
  FLOORS,
  FLOORS_OF_SEPARATE_ROOMS,
  type Floor,
  NODE_MODULES_ALLOWED,
  TIMELESS_FLOORS,
  VENDORS,
} from './floor-table.ts';
import { cyclesIn } from './import-cycles.ts';
import { type Import, readImports } from './imports.ts';
import { readTokens, type Token } from './source-tokens.ts';
import { filesUnder } from './tree.ts';

export type Rule =
  | 'unknown-floor'
  | 'floor'
  | 'types-only'
  | 'separate-rooms'
  | 'leaves-the-house'
  | 'cycle'
  | 'vendor'
  | 'node-module'
  | 'computed-import'
  | 'environment'
  | 'clock-or-chance';

export interface Violation {
  readonly rule: Rule;
  /** From `gateway/`. */
  readonly path: string;
  readonly line: number;
  readonly detail: string;
}

/** Every breach of the floors under `<root>/gateway`; none means the house stands. */
export function floorViolations(root: string): readonly Violation[] {
  const gateway = join(root, 'gateway');
  const sources = filesUnder(gateway)
    .filter((path) => /\.[cm]?[jt]sx?$/.test(path))
    .map((path) => readSource(gateway, path));
  return [...sources.flatMap(violationsIn), ...cycleViolations(sources)];
}

interface Source {
  readonly path: string;
  readonly place: Place | undefined;
  readonly tokens: readonly Token[];
  readonly imports: readonly Import[];
}

interface Place {
  readonly floor: Floor;
  readonly room: string;
}

function readSource(gateway: string, path: string): Source {
  const tokens = readTokens(readFileSync(join(gateway, path), 'utf8'));
  return { path, place: placeOf(path), tokens, imports: readImports(tokens) };
}

function placeOf(path: string): Place | undefined {
  const [first = '', second = ''] = path.split('/');
  if (first === path || first === 'cli') return { floor: 'roof', room: '' };
  if (first === 'roof' || !Object.hasOwn(FLOORS, first)) return undefined;
  return { floor: first as Floor, room: second };
}

function violationsIn(source: Source): readonly Violation[] {
  const { path, place, tokens } = source;
  if (place === undefined)
    return [{ rule: 'unknown-floor', path, line: 1, detail: 'no floor has this name' }];
  const effects = effectsIn(tokens, path, TIMELESS_FLOORS.includes(place.floor));
  return [
    ...source.imports.flatMap((one) => importViolations(path, place, one)),
    ...effects.map((effect) => ({ ...effect, path })),
  ];
}

function importViolations(path: string, place: Place, one: Import): readonly Violation[] {
  const breach = importBreach(path, place, one);
  return breach === undefined ? [] : [{ ...breach, path, line: one.line }];
}

type Breach = Pick<Violation, 'rule' | 'detail'>;

function importBreach(path: string, place: Place, one: Import): Breach | undefined {
  const { specifier } = one;
  if (specifier === undefined) return { rule: 'computed-import', detail: 'the target cannot be read' };
  if (specifier.startsWith('.')) return floorBreach(path, place, one, specifier);
  if (isBuiltin(specifier)) return nodeBreach(place.floor, specifier);
  return vendorBreach(path, specifier);
}

function floorBreach(path: string, from: Place, one: Import, specifier: string): Breach | undefined {
  const target = posix.join(posix.dirname(path), specifier);
  const detail = `${from.floor} imports ${target}`;
  if (target.startsWith('..')) {
    return from.floor === 'roof' ? undefined : { rule: 'leaves-the-house', detail };
  }
  const to = placeOf(target);
  const reach = to === undefined ? undefined : FLOORS[from.floor][to.floor];
  if (to === undefined || reach === undefined) return { rule: 'floor', detail };
  if (reach === 'types' && one.kind !== 'type') return { rule: 'types-only', detail };
  const separate = to.floor === from.floor && FLOORS_OF_SEPARATE_ROOMS.includes(from.floor);
  return separate && to.room !== from.room ? { rule: 'separate-rooms', detail } : undefined;
}

function nodeBreach(floor: Floor, specifier: string): Breach | undefined {
  const allowed = NODE_MODULES_ALLOWED[floor];
  const name = specifier.startsWith('node:') ? specifier : `node:${specifier}`;
  if (allowed === undefined || allowed.includes(name)) return undefined;
  return { rule: 'node-module', detail: `${floor} imports ${name}` };
}

function vendorBreach(path: string, specifier: string): Breach | undefined {
  const [first = '', second = ''] = specifier.split('/');
  const name = first.startsWith('@') ? `${first}/${second}` : first;
  const places = VENDORS[name] ?? VENDORS[first];
  if (places?.some((allowed) => (allowed.endsWith('/') ? path.startsWith(allowed) : path === allowed))) {
    return undefined;
  }
  const why = places === undefined ? 'has no row in the vendor table' : `belongs in ${places.join(', ')}`;
  return { rule: 'vendor', detail: `${name} ${why}` };
}

function cycleViolations(sources: readonly Source[]): readonly Violation[] {
  const graph = new Map(
    sources.map((source) => [source.path, source.imports.filter(isValue).map((one) => target(source, one))]),
  );
  return cyclesIn(graph).map((knot) => ({
    rule: 'cycle',
    path: knot[0] ?? '',
    line: 1,
    detail: knot.join(' -> '),
  }));
}

function isValue(one: Import): boolean {
  return one.kind === 'value' && one.specifier?.startsWith('.') === true;
}

function target(source: Source, one: Import): string {
  return posix.join(posix.dirname(source.path), one.specifier ?? '');
}
