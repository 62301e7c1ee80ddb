/** Components in this very process, on the engine of the project. */
import { serveActions, timeInSequence } from "../agent.ts";
import { DEFAULT_LIMITS } from "../../gvm/engine/execution_limits.ts";
import { instantiateLoaded } from "../../gvm/engine/instantiate_component.ts";
import { loadComponent } from "../../gvm/engine/load_component.ts";
import { MemoryBudget } from "../../gvm/engine/memory_budget.ts";
import { GREETER, greeterWith, timeCalls } from "../greeter_calls.ts";
import { largeModule } from "../large_module.ts";

const IDENTITY = { name: "greeter", version: "1.0.0", hash: "" };
const STREAM = { isTerminal: false, write: () => {} };

async function open(bytes: Uint8Array<ArrayBuffer>) {
  const component = await loadComponent(bytes, IDENTITY, DEFAULT_LIMITS);
  const memory = new MemoryBudget(DEFAULT_LIMITS, { whose: "the bench" });
  const compiled = { ...IDENTITY, component, waits: false };
  return instantiateLoaded(compiled, { args: [], stdout: STREAM, stderr: STREAM }, memory);
}

const greeter = await open(GREETER);

serveActions({
  /** Microseconds of a call; see `timeCalls`. */
  call: (call, count, batch) =>
    timeCalls((name) => greeter.callable(`ghost:demo/greeter@1.0.0#${name}`), call!, count!, batch!),
  /** Microseconds from a file's bytes to an instance, with `megabytes` MB more than it needs. */
  load: (megabytes, count) => {
    const bytes = megabytes === 0 ? GREETER : greeterWith(largeModule(Number(megabytes)));
    return timeInSequence(count!, () => open(bytes));
  },
});
