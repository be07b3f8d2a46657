import { existsSync, readFileSync } from 'node:fs';
import { join, posix } from 'node:path';
import { filesUnder } from './tree.ts';

/** Paths a document names that do not exist, as `document: path`; a document that is missing is named itself. */
export function missingPaths(root: string, documents: readonly string[]): readonly string[] {
  const known = knownPaths(filesUnder(root));
  return documents.flatMap((document) => {
    if (!existsSync(join(root, document))) return [`${document}: the document itself`];
    const text = readFileSync(join(root, document), 'utf8');
    return namedPaths(text)
      .filter((named) => !exists(root, known, document, named))
      .map((named) => `${document}: ${named.path}`);
  });
}

interface NamedPath {
  readonly path: string;
  /** A link is always a path; words in code only when they look like one. */
  readonly isLink: boolean;
}

function namedPaths(text: string): readonly NamedPath[] {
  const links = [...text.matchAll(/\]\(<?([^()\s>]{1,300})>?\)/g)].map(([, target = '']) => target);
  const code = [...text.matchAll(/```[\s\S]*?```|`([^`\n]{1,300})`/g)].map(
    ([whole, inline]) => inline ?? whole,
  );
  return [
    ...links
      .filter((target) => !/^([a-z]+:|#|\/\/)/.test(target))
      .map((path) => ({ path: tidy(path), isLink: true })),
    ...code
      .flatMap((words) => words.split(/[\s'"()=,;|]+(?![^{}]*\})/))
      .map((path) => ({ path: tidy(path), isLink: false })),
  ].filter(({ path }) => path !== '');
}

const tidy = (path: string): string => path.replace(/[#:?].*$/, '').replace(/^\.\/|[.,`]+$/g, '');

function knownPaths(files: readonly string[]): ReadonlySet<string> {
  const folders = files.flatMap((file) =>
    file.split('/').map((_, depth, parts) => parts.slice(0, depth).join('/')),
  );
  return new Set([...files, ...folders.filter((folder) => folder !== '')]);
}

/** Made by npm or by a run, so not in the tree. */
const MADE_LATER = /^(node_modules|coverage|\.data|\.env)(\/|$)|(^|\/)demo\.json$/;

function exists(
  root: string,
  known: ReadonlySet<string>,
  document: string,
  { path, isLink }: NamedPath,
): boolean {
  if (!isLink && !looksLikeProjectPath(known, path)) return true;
  if (MADE_LATER.test(path) || existsSync(join(root, 'node_modules', path))) return true;
  const fromDocument = posix.join(posix.dirname(document), path);
  if (isLink) return alternatives(fromDocument).every((one) => isKnown(known, one));
  return alternatives(path).every((one) => isKnown(known, one) || isTailKnown(known, one));
}

const EXTENSION = /\.(ts|tsx|mjs|md|json|ya?ml|csv|conf|cfg|sql|sh)$/;

function looksLikeProjectPath(known: ReadonlySet<string>, path: string): boolean {
  if (!/^[\w.@*<>{},/ -]+$/.test(path) || /^[/@<-]|^\.\.?$|^\.[a-z]+$/.test(path)) return false;
  const [first = ''] = path.split('/');
  return (path.includes('/') && known.has(first)) || EXTENSION.test(path);
}

/** `a/{b,c}.ts` as `a/b.ts` and `a/c.ts`. */
function alternatives(path: string): readonly string[] {
  const group = /^(.*?)\{([^{}]*)\}(.*)$/.exec(path);
  if (group === null) return [path.replace(/\/+$/, '')];
  const [, before = '', choices = '', after = ''] = group;
  return choices.split(',').flatMap((choice) => alternatives(`${before}${choice.trim()}${after}`));
}

function isKnown(known: ReadonlySet<string>, path: string): boolean {
  if (!/[*<]/.test(path)) return known.has(path);
  const pattern = new RegExp(`^${globSource(path)}$`);
  return [...known].some((one) => pattern.test(one));
}

/** A name such as `journey.ts` or `pipeline/journey.ts` may leave out the folders above it. */
function isTailKnown(known: ReadonlySet<string>, path: string): boolean {
  const pattern = new RegExp(`/${globSource(path)}$`);
  return EXTENSION.test(path) && [...known].some((one) => pattern.test(one));
}

const globSource = (path: string): string =>
  path
    .split(/(\*\*\/?|\*|<[^<>]*>)/)
    .map((piece) => {
      if (piece.startsWith('**')) return '(?:.*/)?';
      return piece === '*' || piece.startsWith('<') ? '[^/]+' : piece.replace(/[.\\+^$()|[\]{}?]/g, '\\$&');
    })
    .join('');
