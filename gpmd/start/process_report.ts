import { Timer } from "../../gmp/async/timer.ts";
import { endedEarly, endOf } from "../../gmp/device/early_end.ts";
import { killProcess } from "../../gmp/device/kill_process.ts";
import { GhostError, isErrorCode } from "../../gmp/errors.ts";

/** Characters of standard error that are kept to say why a process did not start. */
const COMPLAINT_LENGTH = 2000;

/** The line of JSON in which one of our processes says how its start went: with its process id, or with an error. */
type ProcessReport<Success> =
  | Success & { readonly pid: number }
  | { readonly code: string; readonly message: string; readonly details?: Record<string, unknown> };

/** Whose report is read, and how. */
interface ReportOptions {
  /** What was started, for a message. */
  readonly what: string;
  /** What runs in it. */
  readonly program: string;
  /** Milliseconds that it has until it is ended. */
  readonly time: number;
}

/**
 * Waits for the report of `process` on its standard output.
 *
 * @throws {GhostError} the error in it; `BAD_ARGUMENTS`, `RESOURCE_EXHAUSTED` or `INTERNAL` when it ends without one.
 */
export async function readReport<Success>(
  process: Deno.ChildProcess,
  errors: ReadableStream<Uint8Array> | undefined,
  { what, program, time }: ReportOptions,
): Promise<Success & { readonly pid: number }> {
  const output = process.stdout.getReader();
  const complaints = errors?.getReader();
  const complaint = complaints === undefined ? Promise.resolve("") : readTail(complaints);
  const timer = new Timer(time, () => killProcess(process));
  try {
    const report = parseReport<Success>(await readLine(output));
    if (report !== undefined && "pid" in report) return report;
    const status = await process.status;
    if (report === undefined) {
      throw await endedEarly({ what, program, error: endOf(status, await complaint) });
    }
    const { code, message, details } = report;
    const options = details === undefined ? {} : { details };
    throw new GhostError(isErrorCode(code) ? code : "INTERNAL", message, options);
  } finally {
    timer.cancel();
    await Promise.all([output.cancel(), complaints?.cancel()]);
  }
}

/** The report in `line`, if it is one. */
function parseReport<Success>(line: string): ProcessReport<Success> | undefined {
  return line.startsWith("{") ? JSON.parse(line) as ProcessReport<Success> : undefined;
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
