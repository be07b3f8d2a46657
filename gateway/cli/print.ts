/** Prints a value as indented JSON, for people and for `jq` alike. */
export function printJson(value: unknown): void {
  process.stdout.write(`${JSON.stringify(value, null, 2)}\n`);
}

export function print(line: string): void {
  process.stdout.write(`${line}\n`);
}

/** Ends the process, well, once nobody reads on: `head` closes the pipe when it has what it wants. */
export function endWithReader(): void {
  process.stdout.on('error', (fault: NodeJS.ErrnoException) => process.exit(fault.code === 'EPIPE' ? 0 : 1));
}
