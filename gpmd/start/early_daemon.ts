import { hasPlainPath } from "./absolute_home.ts";
import { readSettings } from "../../gmp/device/settings.ts";
import { keepEarlyDaemon } from "./launch.ts";
import { PID_FILE } from "../store/pid_file.ts";

/**
 * Starts the daemon that the command line `args` will most likely need, before anything reads it properly: `gpmd start`, where the
 * store says that no daemon runs.
 */
export function startEarlyDaemon(
  args: readonly string[],
  variable: (name: string) => string | undefined = (name) => Deno.env.get(name),
): void {
  if (args.length !== 1 || args[0] !== "start") return;
  try {
    const settings = readSettings({}, variable);
    if (settings.commandPort === settings.gmpPort || !hasPlainPath(settings.home)) return;
    if (isThere(`${settings.home}/${PID_FILE}`)) return;
    keepEarlyDaemon(settings);
  } catch {
    // The command says what is wrong.
  }
}

function isThere(path: string): boolean {
  try {
    Deno.lstatSync(path);
    return true;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false;
    throw error;
  }
}
