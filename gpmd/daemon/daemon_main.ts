/**
 * The daemon's process. `gpmd start` runs it with the permissions of `daemon_command.ts` and no others, and passes it
 * all it needs as one argument. It writes one line of JSON to standard output: when both ports answer, or when it
 * cannot start.
 *
 * @module
 */
import { GhostError } from "../../gmp/errors.ts";
import { Daemon } from "./daemon.ts";
import type { DaemonArguments } from "./daemon_command.ts";
import { RESTART_EXIT_CODE } from "./restart_exit_code.ts";

/** The line that says how the start went. */
type DaemonReport =
  | { readonly pid: number; readonly commandPort: number; readonly gmpPort: number }
  | { readonly code: string; readonly message: string; readonly details?: Record<string, unknown> };

/** Serves until it is stopped, then ends the process; returns the exit code when it cannot start. */
export async function runDaemon(json: string): Promise<number> {
  const { attached, echo, restartable = false, ...settings } = JSON.parse(json) as DaemonArguments;
  let daemon: Daemon;
  try {
    daemon = await Daemon.start(settings, {
      ...(echo ? { echo: (line: string) => console.error(line) } : {}),
      restartable,
      stopped: ({ restart }) => Deno.exit(restart ? RESTART_EXIT_CODE : 0),
    });
  } catch (error) {
    const { code, message, details } = GhostError.from(error);
    report({ code, message, ...(details === undefined ? {} : { details }) });
    return 1;
  }
  logUncaught(daemon);
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) {
    Deno.addSignalListener(signal, () => daemon.stop());
  }
  if (attached) stopAtEndOfInput(daemon);
  report({ pid: Deno.pid, ...daemon.ports });
  return await new Promise(() => {}); // `stopped` ends the process
}

function report(line: DaemonReport): void {
  Deno.stdout.writeSync(new TextEncoder().encode(`${JSON.stringify(line)}\n`));
}

/** A fault of the daemon must not cost the nodes their registrations, so it is logged and the daemon goes on. */
function logUncaught(daemon: Daemon): void {
  const log = (fault: unknown) => {
    daemon.events.emit({
      type: "fault",
      message: fault instanceof Error ? fault.stack ?? fault.message : String(fault),
    });
  };
  globalThis.addEventListener("unhandledrejection", (event) => {
    event.preventDefault();
    log(event.reason);
  });
  globalThis.addEventListener("error", (event) => {
    event.preventDefault();
    log(event.error);
  });
}

async function stopAtEndOfInput(daemon: Daemon): Promise<void> {
  const buffer = new Uint8Array(64);
  while (await Deno.stdin.read(buffer) !== null);
  await daemon.stop();
}

if (import.meta.main) Deno.exit(await runDaemon(Deno.args[0] ?? "{}"));
