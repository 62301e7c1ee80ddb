const PAUSE = 10;
const PATIENCE = 20_000;

/** Returns once `check` does, which is asked again and again. @throws {Error} when that takes too long. */
export async function until(what: string, check: () => Promise<boolean>): Promise<void> {
  const giveUp = performance.now() + PATIENCE;
  while (!await check()) {
    if (performance.now() > giveUp) throw new Error(`The bench waited in vain: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, PAUSE));
  }
}

/** Returns once something listens on that port of loopback. */
export function untilListening(port: number): Promise<void> {
  return until(`port ${port} does not answer`, async () => {
    try {
      (await Deno.connect({ hostname: "127.0.0.1", port })).close();
      return true;
    } catch (error) {
      if (error instanceof Deno.errors.ConnectionRefused) return false;
      throw error;
    }
  });
}
