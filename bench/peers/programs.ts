/** True where all these programs can be found. */
export async function installed(...programs: readonly string[]): Promise<boolean> {
  const found = await Promise.all(programs.map(async (program) => {
    const { success } = await new Deno.Command("which", { args: [program], stdout: "null", stderr: "null" })
      .output();
    return success;
  }));
  return found.every(Boolean);
}

/** True where npm has that package. */
export async function inNpm(specifier: string): Promise<boolean> {
  const args = ["cache", "--quiet", "--no-config", "--no-lock", specifier];
  const { success } = await new Deno.Command(Deno.execPath(), { args, stdout: "null", stderr: "null" })
    .output();
  return success;
}

/** Returns once something listens on that port of loopback. */
export async function until(port: number): Promise<void> {
  for (;;) {
    try {
      (await Deno.connect({ hostname: "127.0.0.1", port })).close();
      return;
    } catch (error) {
      if (!(error instanceof Deno.errors.ConnectionRefused)) throw error;
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
  }
}
