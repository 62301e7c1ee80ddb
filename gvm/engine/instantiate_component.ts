import { GhostError } from "../../gmp/errors.ts";
import { instantiateComponent } from "../component/component.ts";
import { type ComponentFunction, KEEP } from "../component/component_function.ts";
import type { HostCall } from "../component/host_call.ts";
import { passesStreams } from "../component/passes_streams.ts";
import { functionsOf } from "../component/exported_functions.ts";
import { UnfitValue } from "../component/trap.ts";
import type { WasiOptions } from "../wasi/mod.ts";
import type { CompiledComponentModule } from "./compiled_module.ts";
import { guestWorld } from "./component_world.ts";
import { instanceEnded } from "./execution_limits.ts";
import { GivenImports, type Provisions } from "./program_imports.ts";
import type { Suspension } from "../component/suspension.ts";
import type { Callable } from "./inline_function.ts";
import type { CountedMemory, Instance } from "./instance.ts";
import type { InstanceMemory, MemoryBudget } from "./memory_budget.ts";

/** The key of a function among those of an instance. */
export function functionKey(interfaceName: string | undefined, name: string): string {
  return interfaceName === undefined ? name : `${interfaceName}#${name}`;
}

/**
 * Instantiates a component. What is called `name` in {@linkcode Instance.callable} is a {@linkcode functionKey}; functions take
 * and return values as component_types.ts says, a result as `{ tag, val }`.
 *
 * @throws {GhostError} `IMPORT_NOT_FOUND`, `MEMORY_LIMIT`, `BAD_ARGUMENTS` for an argument or variable that WASI cannot pass;
 * a trap of a start function is thrown unchanged, for `trapOf`.
 */
export function instantiateLoaded(
  compiled: CompiledComponentModule,
  options: WasiOptions,
  budget: MemoryBudget,
  suspension?: Suspension,
  provisions?: Provisions,
): Instance {
  const { component, name, version } = compiled;
  const { world: plain, abort, close } = guestWorld({ ...options, blocking: suspension !== undefined });
  const imports = provisions?.imports === undefined
    ? undefined
    : new GivenImports(provisions, suspension !== undefined);
  const world = imports?.in(plain) ?? plain;
  const memory = new MemoriesTogether();
  try {
    const growth = Math.max(0, budget.room() - component.memoryBytes) /
      Math.max(1, component.memoryInstances);
    const { exports, store } = instantiateComponent(component, {
      world,
      suspension,
      makeMemories({ memories, tables }) {
        const elements = tables.reduce((sum, minimum) => sum + minimum, 0);
        if (memories.length === 0 && elements === 0) return [];
        const made = budget.make(memories, elements, `${name}@${version}`, growth);
        memory.add(made, memories.length > 0);
        return made.memories;
      },
    });
    memory.ended = () => {
      store.ended = true;
      store.scheduler.unwind();
    };
    const stop = (reason: unknown) => {
      abort(reason);
      imports?.abort(reason);
      store.scheduler.abort(reason);
    };
    store.scheduler.discarded = () => stop(instanceEnded());
    const functions = new Map<string, ComponentFunction>();
    for (const [interfaceName, name, one] of functionsOf(exports)) {
      functions.set(functionKey(interfaceName, name), one);
    }
    let current: HostCall | undefined;
    const { scheduler } = store;
    return {
      callable: (key) => callableOf(functions.get(key)!, key, () => store.begin(current)),
      memory,
      abort: stop,
      close,
      streams: {
        passes: (key) => passesStreams(functions.get(key)!.type),
        begin: (call) => void (current = call),
        isOver: () => scheduler.isOver,
        step: (runs) => scheduler.step(runs),
        onRuns: (runs) => void (scheduler.runs = runs),
        onAsked: (asked) => void (scheduler.background = asked),
      },
    };
  } catch (error) {
    memory.drop();
    throw error;
  }
}

function callableOf(callee: ComponentFunction, key: string, begin: () => void): Callable {
  const { length } = callee.type.parameters;
  const name = key.slice(key.lastIndexOf("#") + 1);
  return (...args) => {
    if (args.length !== length) {
      throw new GhostError(
        "BAD_ARGUMENTS",
        `Cannot call ${name}: it takes ${length} arguments, not ${args.length}`,
        {
          details: { expected: length, given: args.length },
        },
      );
    }
    begin();
    const failed = (error: unknown) => {
      throw error instanceof UnfitValue ? doesNotFit(name, error) : error;
    };
    try {
      const result = callee.call(args, undefined, KEEP, 0);
      // What a promise or a stream among the arguments gives may not fit either, later.
      return result instanceof Promise ? result.catch(failed) : result;
    } catch (error) {
      return failed(error);
    }
  };
}

function doesNotFit(name: string, { path, expected, value }: UnfitValue): GhostError {
  const [parameter = "what an argument gives", ...steps] = path;
  const where = steps.map((step) => typeof step === "number" ? `[${step}]` : `.${step}`).join("");
  const given = typeof value === "string" ? JSON.stringify(value.slice(0, 40)) : kindOf(value);
  return new GhostError(
    "BAD_ARGUMENTS",
    `Cannot call ${name}: ${parameter}${where} is ${given}, not ${expected}`,
    { details: { parameter, path: steps, expected } },
  );
}

function kindOf(value: unknown): string {
  if (value === null || value === undefined || typeof value !== "object" && typeof value !== "function") {
    return String(value);
  }
  return Array.isArray(value) ? "an array" : typeof value === "function" ? "a function" : "an object";
}

/** The memories of all core instances of one component. */
class MemoriesTogether implements CountedMemory {
  readonly #all: InstanceMemory[] = [];
  /** Those that have a memory, and may grow. */
  readonly #growing: InstanceMemory[] = [];
  /** Called when the component ends. */
  ended: () => void = () => {};

  add(memory: InstanceMemory, grows: boolean): void {
    this.#all.push(memory);
    if (grows) this.#growing.push(memory);
  }

  settle(): void {
    for (const memory of this.#growing) memory.settle();
  }

  end(): void {
    this.ended();
  }

  drop(): void {
    this.ended();
    for (const memory of this.#all) memory.drop();
  }
}
