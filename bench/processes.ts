/** What the bench reads of processes in /proc (proc(5)). It has figures on Linux only. */

/** `pid` and all processes that it started, directly or not. */
export function withDescendants(pid: number): number[] {
  const found = [pid];
  for (const one of found) {
    for (const thread of entries(`/proc/${one}/task`)) {
      const children = read(`/proc/${one}/task/${thread}/children`).trim();
      if (children !== "") found.push(...children.split(" ").map(Number));
    }
  }
  return found;
}

/** The process that started `pid`. */
export function parentOf(pid: number): number {
  return Number(/^PPid:\s+(\d+)/m.exec(read(`/proc/${pid}/status`))?.[1]);
}

/** False once `pid` has ended, though nobody may have heard of it yet. */
export function isRunning(pid: number): boolean {
  const text = read(`/proc/${pid}/status`);
  return text !== "" && !/^State:\s+Z/m.test(text);
}

/** Memory that is only this process's, in bytes: what ending it would free. */
export function privateMemory(pid: number): number {
  const text = read(`/proc/${pid}/smaps_rollup`);
  return kilobytes(text, "Private_Clean") + kilobytes(text, "Private_Dirty");
}

/** Memory of this process that is resident, in bytes: `now`, and its `peak` since {@linkcode forgetPeak}. */
export function residentMemory(pid: number): { now: number; peak: number } {
  const text = read(`/proc/${pid}/status`);
  return { now: kilobytes(text, "VmRSS"), peak: kilobytes(text, "VmHWM") };
}

/** Milliseconds of processor time that this process's threads have had, those that have ended not counted. */
export function processorTime(pid: number): number {
  const threads = entries(`/proc/${pid}/task`);
  const times = threads.map((thread) => Number(read(`/proc/${pid}/task/${thread}/schedstat`).split(" ")[0]));
  return times.reduce((sum, time) => sum + time, 0) / 1e6;
}

/** Makes the resident memory of now the peak. */
export function forgetPeak(pid: number): void {
  Deno.writeTextFileSync(`/proc/${pid}/clear_refs`, "5");
}

function kilobytes(text: string, field: string): number {
  const match = new RegExp(`^${field}:\\s+(\\d+) kB`, "m").exec(text);
  return match === null ? NaN : Number(match[1]) * 1024;
}

function read(path: string): string {
  try {
    return Deno.readTextFileSync(path);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return ""; // it has ended
    throw error;
  }
}

function entries(path: string): string[] {
  try {
    return [...Deno.readDirSync(path)].map(({ name }) => name);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return [];
    throw error;
  }
}
