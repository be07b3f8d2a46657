/** Polls until it holds, for ten seconds at most; the bound is generous so that a slow machine does not fail a test. */
export async function until(holds: () => Promise<boolean> | boolean): Promise<boolean> {
  const deadline = Date.now() + 10_000;
  while (Date.now() < deadline) {
    if (await holds()) return true;
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
  return false;
}
