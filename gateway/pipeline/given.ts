/** `{ [name]: value }`, or nothing when the value is absent; so that exact optional fields stay absent. */
export function given<Name extends string, T>(name: Name, value: T | null | undefined): { [N in Name]?: T } {
  return (value === null || value === undefined ? {} : { [name]: value }) as { [N in Name]?: T };
}
