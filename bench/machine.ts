/** What a figure depends on besides the code. */
interface Machine {
  readonly date: string;
  readonly processor: string;
  readonly cores: number;
  readonly system: string;
  readonly deno: string;
  readonly v8: string;
  /** Load of the last minute when the run began: above one core's worth, something else was measured too. */
  readonly load: number;
}

/** This machine, now. */
export function machine(): Machine {
  return {
    date: new Date().toISOString(),
    processor: processor(),
    cores: navigator.hardwareConcurrency,
    system: `${Deno.build.os} ${Deno.osRelease()} ${Deno.build.arch}`,
    deno: Deno.version.deno,
    v8: Deno.version.v8,
    load: Deno.loadavg()[0]!,
  };
}

function processor(): string {
  try {
    return /^model name\s*: (.*)$/m.exec(Deno.readTextFileSync("/proc/cpuinfo"))?.[1] ?? "unknown";
  } catch {
    return "unknown";
  }
}
