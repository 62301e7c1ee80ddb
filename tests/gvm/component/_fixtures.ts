import { DEFAULT_LIMITS, type ExecutionLimits } from "../../../gvm/engine/execution_limits.ts";
import { instantiateLoaded } from "../../../gvm/engine/instantiate_component.ts";
import type { Instance } from "../../../gvm/engine/instance.ts";
import { loadComponent, type LoadedComponent } from "../../../gvm/engine/load_component.ts";
import { MemoryBudget } from "../../../gvm/engine/memory_budget.ts";

const IDENTITY = { name: "test", version: "1.0.0", hash: "" };
const STREAM = { isTerminal: false, write: () => {} };

/** The bytes of a component of the folder `fixtures`. */
export function fixture(name: string): Uint8Array<ArrayBuffer> {
  return Deno.readFileSync(new URL(`fixtures/${name}.wasm`, import.meta.url));
}

/** Loads a component within `limits`. */
export function load(
  bytes: Uint8Array<ArrayBuffer>,
  limits: Partial<ExecutionLimits> = {},
): Promise<LoadedComponent> {
  return loadComponent(bytes, IDENTITY, { ...DEFAULT_LIMITS, ...limits });
}

/** Makes an instance within `limits`, and its budget. */
export function instantiate(
  component: LoadedComponent,
  limits: Partial<ExecutionLimits> = {},
): { instance: Instance; memory: MemoryBudget } {
  const memory = new MemoryBudget({ ...DEFAULT_LIMITS, ...limits }, { whose: "this test" });
  const compiled = { ...IDENTITY, component, waits: false };
  return {
    instance: instantiateLoaded(compiled, { args: [], stdout: STREAM, stderr: STREAM }, memory),
    memory,
  };
}
