/** The parts of package-lock.json (lockfileVersion 3) that say what is installed from where. */
export interface Lockfile {
  readonly packages: Readonly<Record<string, LockedPackage>>;
}

interface LockedPackage {
  readonly name?: string;
  readonly version?: string;
  readonly link?: boolean;
  readonly resolved?: string;
  readonly integrity?: string;
  readonly hasInstallScript?: boolean;
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly devDependencies?: Readonly<Record<string, string>>;
  readonly optionalDependencies?: Readonly<Record<string, string>>;
  readonly peerDependencies?: Readonly<Record<string, string>>;
  readonly peerDependenciesMeta?: Readonly<Record<string, { readonly optional?: boolean }>>;
}

/** What makes a lockfile unfit for `npm ci` on another machine or registry; none means it is whole. */
export function lockfileFaults(lockfile: Lockfile): readonly string[] {
  return Object.entries(lockfile.packages).flatMap(([path, locked]) => [
    ...missing(lockfile, path, locked),
    ...(path === '' || locked.link === true ? [] : originFaults(path, locked)),
  ]);
}

function missing(lockfile: Lockfile, path: string, locked: LockedPackage): readonly string[] {
  return wantedBy(locked)
    .filter((name) => !candidates(path, name).some((place) => Object.hasOwn(lockfile.packages, place)))
    .map((name) => `${path === '' ? 'the project' : path} needs ${name}, which is not locked`);
}

/** Only the project has `devDependencies`: the lockfile leaves out those of packages. */
function wantedBy(locked: LockedPackage): readonly string[] {
  const { dependencies, devDependencies, optionalDependencies } = locked;
  const peers = Object.keys(locked.peerDependencies ?? {});
  const required = peers.filter((name) => locked.peerDependenciesMeta?.[name]?.optional !== true);
  const own = Object.keys({ ...dependencies, ...devDependencies, ...optionalDependencies });
  return [...new Set([...own, ...required])];
}

/** Where Node looks for a package from there, nearest first. */
function candidates(path: string, name: string): readonly string[] {
  const folders = path.split('/node_modules/');
  const nested = folders.map(
    (_, depth) => `${folders.slice(0, depth + 1).join('/node_modules/')}/node_modules/${name}`,
  );
  return path === '' ? [`node_modules/${name}`] : [...nested.reverse(), `node_modules/${name}`];
}

function originFaults(path: string, locked: LockedPackage): readonly string[] {
  const faults: string[] = [];
  if (locked.resolved !== undefined) faults.push(`${path} names the host it came from`);
  if (!locked.integrity?.startsWith('sha512-')) faults.push(`${path} has no sha512`);
  return faults;
}

/** Packages that want to run a script at installation and that `allowScripts` does not forbid by name. */
export function unreviewedScripts(
  lockfile: Lockfile,
  allowed: Readonly<Record<string, boolean>>,
): readonly string[] {
  return Object.entries(lockfile.packages)
    .filter(([, locked]) => locked.hasInstallScript === true)
    .map(([path]) => path.split('node_modules/').at(-1) ?? path)
    .filter((name) => !Object.hasOwn(allowed, name));
}
