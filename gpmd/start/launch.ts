import { Timer } from "../../gmp/async/timer.ts";
import { processEnvironment } from "../../gmp/device/deno_process.ts";
import { GhostError, isErrorCode } from "../../gmp/errors.ts";
import type { Settings } from "../../gmp/device/settings.ts";
import { endedEarly, endOf } from "../../gmp/device/early_end.ts";
import { cannotSpawn } from "../../gmp/system_fault.ts";
import { daemonCommand } from "../daemon/daemon_command.ts";
import type { DaemonReport } from "../daemon/daemon_main.ts";
import type { FoundDaemon } from "./find_daemon.ts";

/** Milliseconds that a daemon has until both ports answer; on a machine under load it takes a second. */
const START_TIME = 20_000;
/** Characters of standard error that are kept to say why a daemon did not start. */
const COMPLAINT_LENGTH = 2000;

/** A daemon's process that has started. */
export interface LaunchedDaemon extends FoundDaemon {
  /** The process. */
  readonly process: Deno.ChildProcess;
}

/** How a daemon's process belongs to this one. */
interface LaunchOptions {
  /** Whether it stops when its standard input ends, a pipe that closes with this process. */
  readonly attached: boolean;
  /** Whether it also logs to this process's standard error. */
  readonly echo: boolean;
}

/**
 * Starts a daemon's process and waits until both ports answer.
 *
 * @throws {GhostError} the daemon's own error when it cannot start; `BAD_ARGUMENTS` or `RESOURCE_EXHAUSTED` when its
 * process cannot be started; `INTERNAL` when it ends without a word.
 */
export async function launchDaemon(settings: Settings, options: LaunchOptions): Promise<LaunchedDaemon> {
  const { program, args } = daemonCommand({ ...settings, attached: options.attached, echo: options.echo });
  const process = spawn(program, args, options);
  try {
    return { ...await readReport(process, program, options), process };
  } catch (error) {
    if (options.attached) await process.stdin.close().catch(() => {}); // it ended first
    throw error;
  }
}

function spawn(program: string, args: string[], { attached, echo }: LaunchOptions): Deno.ChildProcess {
  const output = { stdout: "piped", stderr: echo ? "inherit" : "piped" } as const;
  // Without `attached` it leaves the user's terminal session and directory.
  const life = attached ? { stdin: "piped" } as const : { stdin: "null", detached: true, cwd: "/" } as const;
  try {
    return new Deno.Command(program, { args, ...processEnvironment(), ...output, ...life }).spawn();
  } catch (error) {
    throw cannotSpawn("GPMD", error, program);
  }
}

async function readReport(
  process: Deno.ChildProcess,
  program: string,
  { echo }: LaunchOptions,
): Promise<Omit<LaunchedDaemon, "process">> {
  const output = process.stdout.getReader();
  const errors = echo ? undefined : process.stderr.getReader();
  const complaint = errors === undefined ? Promise.resolve("") : readTail(errors);
  const timer = new Timer(START_TIME, () => process.kill("SIGKILL"));
  try {
    const line = await readLine(output);
    const report = parseReport(line);
    if (report !== undefined && "pid" in report) return report;
    const status = await process.status;
    if (report === undefined) {
      throw await endedEarly({ what: "GPMD", program, error: endOf(status, await complaint) });
    }
    const { code, message, details } = report;
    const options = details === undefined ? {} : { details };
    throw new GhostError(isErrorCode(code) ? code : "INTERNAL", message, options);
  } finally {
    timer.cancel();
    await Promise.all([output.cancel(), errors?.cancel()]);
  }
}

/** The report in `line`, if it is one. */
function parseReport(line: string): DaemonReport | undefined {
  return line.startsWith("{") ? JSON.parse(line) as DaemonReport : undefined;
}

type TextReader = ReadableStreamDefaultReader<Uint8Array>;

/** The first line, empty when there is none. */
async function readLine(reader: TextReader): Promise<string> {
  const decoder = new TextDecoder();
  for (let text = "";;) {
    const { done, value } = await reader.read();
    if (done) return "";
    text += decoder.decode(value, { stream: true });
    const end = text.indexOf("\n");
    if (end >= 0) return text.slice(0, end);
  }
}

async function readTail(reader: TextReader): Promise<string> {
  const decoder = new TextDecoder();
  for (let text = "";;) {
    const { done, value } = await reader.read();
    if (done) return text.trim();
    text = (text + decoder.decode(value, { stream: true })).slice(-COMPLAINT_LENGTH);
  }
}
