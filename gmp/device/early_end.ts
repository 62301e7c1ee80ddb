import { GhostError } from "../errors.ts";
import { systemCode } from "../system_error.ts";
import { systemFault } from "../system_fault.ts";
import { processEnvironment } from "./deno_process.ts";

/** Milliseconds that a program has to print its version. */
const ANSWER_TIME = 5000;

/** The end of one of our processes before it served. */
interface EarlyEnd {
  /** What was started, for a message. */
  readonly what: string;
  /** What ran in it: `denoProgram()`, or this very program. */
  readonly program: string;
  /** What went wrong. */
  readonly error: unknown;
}

/** Why a process ended; `complaint` is what it wrote to standard error. A signal is not our fault. */
export function endOf({ code, signal }: Deno.CommandStatus, complaint: string): Error {
  if (signal !== null) return new GhostError("RESOURCE_EXHAUSTED", `it was ended by ${signal}`);
  return new Error(complaint || `it ended with code ${code}`);
}

/**
 * The error that a user reads when one of our processes ends before it serves: `RESOURCE_EXHAUSTED` if the system had
 * no room for it, `CONNECTION_LOST` if it cannot be reached, `BAD_ARGUMENTS` if the program is not the right Deno, the code of `error` if it has one, and else
 * `INTERNAL`, our own fault.
 */
export async function endedEarly({ what, program, error }: EarlyEnd): Promise<GhostError> {
  const action = `start ${what}`;
  if (systemCode(error) !== undefined) return systemFault("CONNECTION_LOST", action, error);
  const stranger = await strangerAt(program);
  if (stranger !== undefined) {
    return new GhostError("BAD_ARGUMENTS", `Cannot ${action}: ${stranger}`, { cause: error });
  }
  const { code, details } = error instanceof GhostError
    ? error
    : { code: "INTERNAL", details: undefined } as const;
  const reason = error instanceof Error ? error.message : String(error);
  const options = details === undefined ? {} : { details };
  return new GhostError(code, `Cannot ${action}: ${reason}`, { cause: error, ...options });
}

/** What is wrong with the `deno` on the PATH, as a clause, if it is not the Deno that runs this process. */
async function strangerAt(program: string): Promise<string | undefined> {
  if (program !== "deno") return undefined; // a path: that of the Deno that runs this process
  const command = new Deno.Command(program, {
    args: ["--version"],
    ...processEnvironment(),
    stdin: "null",
    stderr: "null",
    signal: AbortSignal.timeout(ANSWER_TIME),
  });
  const said = await command.output().then(({ stdout }) => new TextDecoder().decode(stdout), () => "");
  const version = /^deno (\S+)/.exec(said)?.[1];
  if (version === undefined) return `the program "deno" that comes first on the PATH is not Deno`;
  if (version === Deno.version.deno) return undefined;
  return `the program "deno" that comes first on the PATH is Deno ${version}, not ${Deno.version.deno}`;
}
