/** The Node.js modules needed here, which Deno provides synchronously. */
interface NodeModules {
  getBuiltinModule(name: "node:v8"): { setFlagsFromString(flags: string): void };
  getBuiltinModule(name: "node:vm"): { runInNewContext(code: string): unknown };
}

let collector: (() => void) | undefined;

/**
 * Collects dropped memories if the process is at half its ceiling: unused memory must not end anything. V8
 * would leave gigabytes uncollected.
 */
export function collectAbove(ceiling: number): void {
  if (Deno.memoryUsage().rss < ceiling / 2) return;
  // Later, when the running code no longer refers to the memory.
  queueMicrotask(() => (collector ??= makeCollector())());
}

/**
 * V8's collector, which a flag exposes to contexts created later. Set when the process starts, the flag would
 * cost every start 7 ms, since V8 rejects cached code that was made with other flags. Here it takes 50 ms,
 * once.
 */
function makeCollector(): () => void {
  const { process } = globalThis as unknown as { process: NodeModules };
  process.getBuiltinModule("node:v8").setFlagsFromString("--expose-gc");
  return process.getBuiltinModule("node:vm").runInNewContext("gc") as () => void;
}
