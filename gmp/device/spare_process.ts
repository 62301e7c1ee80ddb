import { killProcess } from "./kill_process.ts";

/** A process that nobody has taken yet. */
interface Spare {
  /** What it was started as. */
  readonly key: string;
  readonly child: Deno.ChildProcess;
}

/** Where it is kept: the files of a bundled command have a copy of this module each. */
const SPARE = Symbol.for("@ghost/network spare process");
const scope = globalThis as { [SPARE]?: Spare | undefined };

/**
 * Has `start` start a process ahead of what will need it, while the rest of a command is loaded; `key` says what it is. One
 * that was kept as something else is killed.
 */
export function keepSpare(key: string, start: () => Deno.ChildProcess): void {
  if (scope[SPARE]?.key === key) return;
  dropSpare();
  scope[SPARE] = { key, child: start() };
}

/** The process that was kept as `key`, once. */
export function takeSpare(key: string): Deno.ChildProcess | undefined {
  const spare = scope[SPARE];
  if (spare?.key !== key) return undefined;
  scope[SPARE] = undefined;
  return spare.child;
}

/** Whether a process is kept as `key`. */
export function hasSpare(key: string): boolean {
  return scope[SPARE]?.key === key;
}

/** Kills the process that is kept, if nobody has taken it. */
export function dropSpare(): void {
  const spare = scope[SPARE];
  scope[SPARE] = undefined;
  if (spare !== undefined) killProcess(spare.child);
}
