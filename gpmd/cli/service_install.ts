import { denoProgram, processEnvironment } from "../../gmp/device/deno_process.ts";
import { sourceEntry } from "../../gmp/device/process_entry.ts";
import { GhostError } from "../../gmp/errors.ts";
import { cannotSpawn } from "../../gmp/system_fault.ts";
import type { ServiceReport, ServiceWork } from "./service_process.ts";
import { SERVICE_SUBCOMMAND } from "./service_subcommand.ts";

/** A system's services: where their files are, and its programs for them. */
interface ServiceSystem {
  /** The directory of the files, in the user's home. */
  readonly directory: string;
  /** The name of ours. */
  readonly file: string;
  /** The program that starts and stops services. */
  readonly program: "systemctl" | "launchctl";
  /** Its arguments to start ours now and at every login, where `path` is the file. */
  install(path: string): string[][];
  /** Its arguments to stop ours, now and for good. */
  uninstall(path: string): string[][];
  /** Its arguments once the file is removed. */
  readonly afterwards: string[][];
  /** The command that says how ours goes. */
  readonly status: string;
}

/** The systems, by the format of their files. */
const SYSTEMS: Record<"systemd" | "launchd", ServiceSystem> = {
  systemd: {
    directory: ".config/systemd/user",
    file: "gpmd.service",
    program: "systemctl",
    install: () => [["--user", "daemon-reload"], ["--user", "enable", "--now", "gpmd.service"]],
    uninstall: () => [["--user", "disable", "--now", "gpmd.service"]],
    afterwards: [["--user", "daemon-reload"]],
    status: "systemctl --user status gpmd.service",
  },
  launchd: {
    directory: "Library/LaunchAgents",
    file: "network.ghost.gpmd.plist",
    program: "launchctl",
    install: (path) => [["load", "-w", path]],
    uninstall: (path) => [["unload", "-w", path]],
    afterwards: [],
    status: "launchctl print gui/$UID/network.ghost.gpmd",
  },
};

/** The name of a system's format. */
export type ServiceFormat = keyof typeof SYSTEMS;

/** The permissions of the process that installs a service whose file is in `directory`, exactly. */
export function servicePermissions(directory: string, program: string): string[] {
  return [
    "--no-prompt",
    `--allow-read=${directory}`,
    `--allow-write=${directory}`,
    `--allow-run=${program}`,
  ];
}

/**
 * Installs the service with this file, or removes it without one. Returns the path of the file, and the command that says how
 * the service goes.
 *
 * @throws {GhostError} `BAD_ARGUMENTS` saying what the system says, and then nothing has changed.
 */
export async function changeService(
  format: ServiceFormat,
  text: string | undefined,
): Promise<{ path: string; status: string }> {
  const { HOME: home } = processEnvironment().env;
  if (!home || home.includes(",")) {
    throw new GhostError(
      "BAD_ARGUMENTS",
      "Cannot find the home for the service: HOME is not set, or has a comma",
    );
  }
  const system = SYSTEMS[format];
  const directory = `${home}/${system.directory}`;
  const path = `${directory}/${system.file}`;
  const withProgram = (all: string[][]) =>
    all.map((args) => [system.program, ...args] as [string, ...string[]]);
  const { reason } = await runProcess({
    directory,
    path,
    ...text !== undefined && { text },
    commands: withProgram(text === undefined ? system.uninstall(path) : system.install(path)),
    afterwards: withProgram(system.afterwards),
  }, system.program);
  if (reason === undefined) return { path, status: system.status };
  const action = text === undefined ? "remove" : "install";
  const hint = text === undefined ? "" : "; without a service, GPMD starts with: gpmd start";
  throw new GhostError("BAD_ARGUMENTS", `Cannot ${action} the service "${path}": ${causeOf(reason)}${hint}`);
}

/** `reason`, in words where it is that nothing runs that starts services. */
function causeOf(reason: string): string {
  return /connect to bus|booted with systemd/.test(reason)
    ? `systemd starts no services for this user here (${reason})`
    : reason;
}

async function runProcess(work: ServiceWork, program: string): Promise<ServiceReport> {
  const permissions = servicePermissions(work.directory, program);
  const entry = sourceEntry("gpmd/cli/service_process.ts", import.meta.resolve("./service_process.ts"));
  const [deno, args] = Deno.build.standalone
    ? [Deno.execPath(), [SERVICE_SUBCOMMAND]]
    : [denoProgram(), ["run", "--quiet", ...permissions, entry]];
  let child: Deno.ChildProcess;
  try {
    // With all variables: the system's programs find the user's session by some of them.
    child = new Deno.Command(deno, { args, stdin: "piped", stdout: "piped", stderr: "inherit" }).spawn();
  } catch (error) {
    throw cannotSpawn("what installs the service", error, deno);
  }
  const writer = child.stdin.getWriter();
  await writer.write(new TextEncoder().encode(JSON.stringify(work)));
  await writer.close();
  const { stdout } = await child.output();
  const line = new TextDecoder().decode(stdout);
  return line.startsWith("{") ? JSON.parse(line) : { reason: "the process that does it has ended early" };
}
