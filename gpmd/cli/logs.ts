import { GhostError } from "../../gmp/errors.ts";
import { checkStoreFile } from "../../gmp/device/secret.ts";
import type { Settings } from "../../gmp/device/settings.ts";
import { quotedPath } from "../../gmp/system_error.ts";
import { systemFault } from "../../gmp/system_fault.ts";
import { LOG_FILE } from "../events/daemon_log.ts";
import { parseLine } from "../events/log_line.ts";
import type { Invocation } from "../../gmp/command/program.ts";
import { print } from "../../gmp/command/console.ts";
import { LineFile } from "./line_file.ts";
import { FOLLOW, JSON_OUTPUT, LINES } from "./options.ts";

/** Lines that may be held beyond those that are shown. */
const SLACK = 1024;

/** `gpmd logs`. */
export async function run(invocation: Invocation, settings: Settings): Promise<number> {
  try {
    return await showLog(invocation, settings.home);
  } catch (error) {
    throw systemFault("STORE_FAULT", `show the log of the store ${quotedPath(settings.home)}`, error);
  }
}

async function showLog(invocation: Invocation, home: string): Promise<number> {
  const path = `${home}/${LOG_FILE}`;
  const show = invocation.has(JSON_OUTPUT) ? (line: string) => print(JSON.stringify(parseLine(line))) : print;
  const follow = invocation.has(FOLLOW);
  // Before the first read, so that nothing is missed between the two.
  using watcher = follow && exists(home) ? Deno.watchFs(home, { recursive: false }) : undefined;
  if (!exists(path)) {
    throw new GhostError("GPMD_NOT_RUNNING", `Cannot show the log: GPMD never ran on the store "${home}"`);
  }
  // Another user's file, or a link's target, could send anything to this user's terminal.
  await checkStoreFile(home, path, Deno);
  using log = new LineFile(path);
  for (const line of lastOf(log.read(), invocation.get(LINES))) show(line);
  if (watcher === undefined) return 0;
  for await (const _ of watcher) {
    for (const line of log.read()) show(line);
  }
  return 0;
}

/** The last `count` of `lines`, or all. */
function lastOf(lines: Iterable<string>, count: number | undefined): Iterable<string> {
  if (count === undefined) return lines;
  let last: string[] = [];
  for (const line of lines) {
    last.push(line);
    if (last.length >= 2 * count + SLACK) last = last.slice(last.length - count);
  }
  return last.slice(Math.max(0, last.length - count));
}

function exists(path: string): boolean {
  try {
    Deno.statSync(path);
    return true;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false;
    throw error;
  }
}
