/** Creates `dir` and its parents if they are missing. Fails if something else has that name. */
export async function ensureDir(dir: string | URL): Promise<void> {
  await Deno.mkdir(dir, { recursive: true });
}
