/** Memory and descriptors of processes over time. */

/** The part of the time at the beginning in which memory may grow: code is compiled, heaps find their size. */
const WARM_UP = 1 / 3;

/** One look at a process. */
export interface Sample {
  /** Milliseconds since some beginning. */
  readonly time: number;
  /** Memory of its own, in megabytes. */
  readonly memory: number;
  /** Open file descriptors. */
  readonly descriptors: number;
}

/** Looks at a process; `undefined` when it is gone. */
export function look(pid: number): Sample | undefined {
  try {
    const status = Deno.readTextFileSync(`/proc/${pid}/status`);
    const memory = Number(/^RssAnon:\s+(\d+) kB/m.exec(status)?.[1]) / 1024;
    const descriptors = [...Deno.readDirSync(`/proc/${pid}/fd`)].length;
    return { time: performance.now(), memory, descriptors };
  } catch {
    return undefined;
  }
}

/** What of the samples of a process goes up or down, by the hour: the slope of the straight line with the least squares. */
export function slope(samples: readonly Sample[], value: (sample: Sample) => number): number {
  const mean = (of: (sample: Sample) => number) =>
    samples.reduce((sum, one) => sum + of(one), 0) / samples.length;
  const [time, height] = [mean((one) => one.time), mean(value)];
  const covariance = mean((one) => (one.time - time) * (value(one) - height));
  const variance = mean((one) => (one.time - time) ** 2);
  return variance === 0 ? 0 : covariance / variance * 3_600_000;
}

/** How a process did. */
export interface ProcessFigures {
  readonly name: string;
  /** Megabytes at the end. */
  readonly memory: number;
  /** Megabytes by the hour, after the warm-up. */
  readonly memorySlope: number;
  /** At the start and at the end. */
  readonly descriptors: readonly [start: number, end: number];
  /** By the hour, after the warm-up. */
  readonly descriptorSlope: number;
}

/** How the process `name` did by its samples. */
export function figuresOf(name: string, samples: readonly Sample[]): ProcessFigures {
  const warm = samples.slice(Math.floor(samples.length * WARM_UP));
  return {
    name,
    memory: samples.at(-1)!.memory,
    memorySlope: slope(warm, ({ memory }) => memory),
    descriptors: [samples[0]!.descriptors, samples.at(-1)!.descriptors],
    descriptorSlope: slope(warm, ({ descriptors }) => descriptors),
  };
}
