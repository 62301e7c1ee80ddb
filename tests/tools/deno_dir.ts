import { join } from "@std/path/join";

/** A directory for Deno's caches that is nobody else's, where the packages of the usual one are found. */
interface DenoDirectory extends Disposable {
  /** What Deno's process gets of the environment to use it. */
  readonly env: { readonly DENO_DIR: string };
}

/**
 * A directory for Deno's caches for processes that may not write or open as much as they need: Deno deletes the caches that it
 * cannot use, and would delete those of every other test.
 */
export async function ownDenoDirectory(): Promise<DenoDirectory> {
  const { stdout } = await new Deno.Command(Deno.execPath(), { args: ["info", "--json"] }).output();
  const { denoDir } = JSON.parse(new TextDecoder().decode(stdout));
  const path = Deno.makeTempDirSync({ prefix: "ghost-deno-" });
  for (const name of ["npm", "remote"]) Deno.symlinkSync(join(denoDir, name), join(path, name));
  return {
    env: { DENO_DIR: path },
    [Symbol.dispose]: () => Deno.removeSync(path, { recursive: true }),
  };
}
