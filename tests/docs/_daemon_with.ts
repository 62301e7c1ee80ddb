import { fromFileUrl, join } from "@std/path";
import { startDaemon, type TestDaemon } from "../tools/daemon_process.ts";

/** The project's directory. */
export const ROOT: string = fromFileUrl(new URL("../../", import.meta.url));

/** A real daemon that has these modules of examples/ in version v0.0.1. */
export async function daemonWith(...modules: string[]): Promise<TestDaemon> {
  const daemon = await startDaemon();
  await using gpmd = await daemon.connect();
  for (const name of modules) {
    const module = await Deno.readFile(join(ROOT, "examples", name, `${name}.wasm`));
    await gpmd.upload({ name, version: "v0.0.1", module });
  }
  return daemon;
}
