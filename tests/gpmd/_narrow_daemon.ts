import { assertEquals } from "@std/assert";
import type { Settings } from "../../gmp/device/settings.ts";
import { daemonCommand } from "../../gpmd/daemon/daemon_command.ts";
import { freePorts } from "../tools/daemon_process.ts";
import { ownDenoDirectory } from "../tools/deno_dir.ts";
import { temporaryHome } from "./_modules.ts";

/** A daemon that may have `descriptors` files and connections open; disposing of it sees that it ends as it should. */
export async function startNarrowDaemon(
  descriptors: number,
): Promise<{ readonly settings: Settings } & AsyncDisposable> {
  const place = temporaryHome();
  const deno = await ownDenoDirectory();
  const settings = { home: place.home, ...freePorts() };
  const { program, args } = daemonCommand({ ...settings, attached: true, echo: false });
  const daemon = new Deno.Command("bash", {
    args: ["-c", `ulimit -n ${descriptors}; exec "$@"`, "bash", program, ...args],
    env: deno.env,
    stdin: "piped",
    stdout: "piped",
  }).spawn();
  const output = daemon.stdout.getReader();
  await output.read(); // both ports answer
  return {
    settings,
    async [Symbol.asyncDispose]() {
      await daemon.stdin.close().catch(() => {});
      await output.cancel();
      const { code } = await daemon.status;
      place[Symbol.dispose]();
      deno[Symbol.dispose]();
      assertEquals(code, 0);
    },
  };
}
