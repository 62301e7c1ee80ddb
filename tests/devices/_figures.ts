/** What programs of many devices measure. */

/** A value at the median, and at most. */
export interface Times {
  readonly median: number;
  readonly most: number;
}

/** The median of `all` and the greatest, to a tenth. */
export function times(all: readonly number[]): Times {
  const sorted = all.toSorted((one, other) => one - other);
  const round = (value: number) => Math.round(value * 10) / 10;
  return { median: round(sorted[sorted.length >> 1]!), most: round(sorted.at(-1)!) };
}

/** Bytes that have gone over loopback (proc(5), `/proc/net/dev`). */
export function loopbackBytes(): number {
  return Number(/^\s*lo:\s*(\d+)/m.exec(Deno.readTextFileSync("/proc/net/dev"))![1]);
}

/** Seconds of processor time that `pid` has taken; a tick is a hundredth. */
export function processorTime(pid: number): number {
  const fields = Deno.readTextFileSync(`/proc/${pid}/stat`).split(") ")[1]!.split(" ");
  return (Number(fields[11]) + Number(fields[12])) / 100;
}
