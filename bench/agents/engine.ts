/**
 * WebAssembly in this very process: V8 by itself, and Extism, whose specifier comes from the command line so that it is in
 * nobody's module graph. Calls that take less than the clock can tell are timed in batches.
 */
import { serveActions, timeInSequence } from "../agent.ts";

interface Plugin {
  call(name: string): Promise<unknown>;
  close(): Promise<void>;
}
interface Extism {
  createPlugin(
    module: WebAssembly.Module | { wasm: { data: Uint8Array }[] },
    options: { useWasi: boolean; runInWorker: boolean },
  ): Promise<Plugin>;
}

const BATCH = 1000;

const bytes = Deno.readFileSync(new URL("../modules/bench.wasm", import.meta.url));
const module = new WebAssembly.Module(bytes);
const imports = { wasi_snapshot_preview1: { fd_write: () => 0 } };
const math = new WebAssembly.Instance(
  new WebAssembly.Module(Deno.readFileSync(new URL("../../examples/math/math.wasm", import.meta.url))),
  imports,
);
const sub = math.exports.sub as (a: number, b: number) => number;
const compute = new WebAssembly.Instance(module, imports).exports.compute as (
  thousands: number,
  seed: number,
) => number;

const { createPlugin } = Deno.args[0] === undefined ? {} as Extism : await import(Deno.args[0]) as Extism;
const plugins = new Map<boolean, Plugin>();
let sum = 0;

/** Bytes for as long as the plugin is made of nothing yet, else what V8 has compiled. */
async function makePlugin(given: WebAssembly.Module | Uint8Array, runInWorker: boolean): Promise<Plugin> {
  const wasm = given instanceof Uint8Array ? { wasm: [{ data: given }] } : given;
  return await createPlugin(wasm, { useWasi: true, runInWorker });
}

async function pluginIn(worker: boolean): Promise<Plugin> {
  const plugin = plugins.get(worker) ?? await makePlugin(module, worker);
  plugins.set(worker, plugin);
  return plugin;
}

serveActions({
  /** Microseconds of a direct call: the mean of each of `count` batches. */
  direct: async (count) => {
    const times = await timeInSequence(count, (batch) => {
      for (let i = 0; i < BATCH; i++) sum = sum + sub(batch, i) | 0;
      return Promise.resolve();
    });
    return times.map((time) => time / BATCH);
  },
  /** Calls a second of the function that computes. */
  compute: (count, thousands) => {
    const start = performance.now();
    for (let i = 0; i < Number(count); i++) sum = sum + compute(Number(thousands), i) | 0;
    return Promise.resolve([Number(count) / (performance.now() - start) * 1000]);
  },
  /** Microseconds of an instance made and run. */
  fresh: (count) =>
    timeInSequence(count, () => {
      (new WebAssembly.Instance(module, imports).exports._start as () => void)();
      return Promise.resolve();
    }),
  /** Microseconds of a call by a plugin in the foreground, without input or output: the mean of each of `count` batches. */
  plugin: async (count) => {
    const plugin = await pluginIn(false);
    const times = await timeInSequence(count, async () => {
      for (let i = 0; i < BATCH; i++) await plugin.call("_start");
    });
    return times.map((time) => time / BATCH);
  },
  /** Microseconds of each call by a plugin in a thread of its own. */
  worker: async (count) => {
    const plugin = await pluginIn(true);
    return await timeInSequence(count, () => plugin.call("_start"));
  },
  /** Microseconds of a plugin made of a compiled module, called and closed. */
  freshPlugin: (count) =>
    timeInSequence(count, async () => {
      const plugin = await makePlugin(module, false);
      await plugin.call("_start");
      await plugin.close();
    }),
  /** Microseconds from a module's bytes to the result of a first call, in a thread of its own when `worker` is 1. */
  cold: async (count, worker) => {
    const made: Plugin[] = [];
    const times = await timeInSequence(count, async () => {
      const plugin = await makePlugin(bytes, worker === 1);
      await plugin.call("_start");
      made.push(plugin);
    });
    for (const plugin of made) await plugin.close();
    return times;
  },
});
