/** True where all these programs can be found. */
export async function installed(...programs: readonly string[]): Promise<boolean> {
  const found = await Promise.all(programs.map((program) => succeeds("which", [program])));
  return found.every(Boolean);
}

/** True where npm has that package. */
export async function inNpm(specifier: string): Promise<boolean> {
  return await succeeds(Deno.execPath(), ["cache", "--quiet", "--no-config", "--no-lock", specifier]);
}

async function succeeds(program: string, args: string[]): Promise<boolean> {
  const { success } = await new Deno.Command(program, { args, stdout: "null", stderr: "null" }).output();
  return success;
}
