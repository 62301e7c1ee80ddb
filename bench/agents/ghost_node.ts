/** A node of Ghost Network that does as it is told. */
import { GhostNode, type InlineFunction } from "../../mod.ts";
import { type Argument, rateOf, serveActions, timeInSequence } from "../agent.ts";

/** Calls that are timed together, where one takes less than the clock can tell. */
const BATCH = 1000;

let node: GhostNode;
/** Looked up once: V8 knows one function better than many of the same code. */
let inlined: InlineFunction | undefined;

const here = (on: Argument | undefined) => on === "" || on === undefined ? {} : { on: String(on) };

serveActions({
  start: async (name) => {
    node = await GhostNode.start({ name: String(name) });
  },
  connect: async (name) => await node.connect(String(name)),
  /** Microseconds of each call of a function that was resolved once. */
  sequence: async (name, on, count) => {
    const call = await node.function(String(name), here(on));
    return await timeInSequence(count, (i) => call(i, 7));
  },
  /** The same with a text. */
  text: async (name, on, count, text) => {
    const call = await node.function(String(name), here(on));
    return await timeInSequence(count, () => call(text));
  },
  /** MB a second of `count` calls with so many bytes, one after the other. */
  bytes: async (name, on, count, size) => {
    const call = await node.function(String(name), here(on));
    const bytes = new Uint8Array(Number(size));
    const start = performance.now();
    for (let i = 0; i < Number(count); i++) {
      if (await call(bytes) !== bytes.length) throw new Error("not all bytes came");
    }
    return [Number(count) * bytes.length / (performance.now() - start) / 1000];
  },
  /** Microseconds of a call in this very process: the mean of each of `count` batches. */
  inline: async (name, count) => {
    const call = inlined ??= await node.function(String(name), { isolation: "inline" });
    const times = await timeInSequence(count, async (batch) => {
      await call(batch, 7); // an instance that has to be made is made here
      for (let i = 1; i < BATCH; i++) call(batch, i);
    });
    return times.map((time) => time / BATCH);
  },
  /** The same by name. */
  named: async (name, on, count) => {
    await node.call(String(name), [1, 2], here(on));
    return await timeInSequence(count, (i) => node.call(String(name), [i, 7], here(on)));
  },
  /** Calls a second of many callers; `first` is the first argument, the number of the call by default. */
  concurrent: async (name, on, callers, count, first) => {
    const call = await node.function(String(name), here(on));
    return await rateOf(callers, count, (i) => call(first ?? i, 7));
  },
  /** Microseconds of each call that writes output. */
  output: async (name, on, count) => {
    let bytes = 0;
    const output = (chunk: Uint8Array) => bytes += chunk.length;
    const call = await node.function(String(name), { ...here(on), output });
    const times = await timeInSequence(count, () => call());
    if (bytes === 0) throw new Error("there was no output");
    return times;
  },
  /** Microseconds of each run of a module. */
  run: (name, on, count) => timeInSequence(count, () => node.run(String(name), [], here(on)).text()),
  /** Microseconds from a node that has just been registered to the result of its first call. */
  cold: async (name, count) => {
    const times = new Float64Array(Number(count));
    for (let i = 0; i < times.length; i++) {
      await using fresh = await GhostNode.start();
      const start = performance.now();
      await fresh.call(String(name), [1, 2]);
      times[i] = (performance.now() - start) * 1000;
    }
    return times;
  },
});
