import { type CompiledModule, compileModule, ModuleCache } from "../engine/compiled_module.ts";
import type { ExecutionLimits } from "../engine/execution_limits.ts";
import { inlineCallable } from "../engine/inline_function.ts";
import { MemoryBudget } from "../engine/memory_budget.ts";
import { Session } from "../engine/session.ts";
import type { SessionHost } from "../engine/session_room.ts";
import { trapOf } from "../engine/trap.ts";
import { NO_WATCH } from "../engine/watch.ts";
import type { FunctionName } from "../../gmp/types/function_name.ts";
import { type CallResult, resultOf, valuesOf } from "../../gmp/types/values.ts";
import type { ModuleSource } from "../gpmd/module_source.ts";
import type { InlineFunction } from "./node_options.ts";
import type { OutputStream } from "../engine/output.ts";

/**
 * Functions that run in the node's own process, for modules that the program trusts: memory and output are
 * limited as usual, and a module cannot reach the host either; but nothing can stop a call that never
 * returns, and a flaw in V8 exposes the whole node.
 */
export class InlineModules implements SessionHost {
  /** Limits of every call; the time limit counts only while a function waits. */
  readonly limits: ExecutionLimits;
  /** The memory of all functions that the program calls. */
  readonly memory: MemoryBudget;
  /** Watches nothing, since the thread that would act is the one that runs. */
  readonly watch = NO_WATCH;
  readonly #modules: ModuleSource;
  readonly #cache = new ModuleCache();
  readonly #session: Session;
  #calls = 0;

  /** Modules of `modules`, called within `limits`. */
  constructor(modules: ModuleSource, limits: ExecutionLimits) {
    this.#modules = modules;
    this.limits = limits;
    this.memory = new MemoryBudget(limits, { whose: "this process" });
    this.#session = new Session(this, 1);
  }

  /** See {@linkcode SessionHost.load}. */
  async load(name: string, version: string | undefined): Promise<CompiledModule> {
    const known = await this.#modules.resolve(name, version);
    return await this.#cache.get(known, async () => {
      const bytes = await this.#modules.bytes(known.hash);
      return { module: await compileModule(bytes, known, this.limits), bytes: bytes.length };
    });
  }

  /** Looks up a function and instantiates its module, so that calls need not wait. */
  async function(
    { module, version, function: name }: FunctionName,
    take: (bytes: Uint8Array, stream: OutputStream) => void = () => {},
  ): Promise<InlineFunction> {
    // The output is in the guest's memory; the program gets a copy of its own.
    const output = (bytes: Uint8Array, stream: OutputStream) => take(new Uint8Array(bytes), stream);
    const session = this.#session;
    const resolved = await session.resolve(module, version, name, 0);
    await session.prepare(resolved, { id: this.#nextCall(), output });
    const { signature, compiled } = resolved;
    const count = signature.results.length;
    const result = (returned: unknown): CallResult => resultOf(valuesOf(returned, count) as never);
    const callable = inlineCallable(name, signature, {
      direct: () => session.direct(resolved),
      directCall: { id: 0, output },
      call: (args) => {
        const returned = session.call(resolved, args, { id: this.#nextCall(), output });
        return returned instanceof Promise ? returned.then(result) : result(returned);
      },
      failed: (error) => {
        session.drop(resolved);
        return trapOf(error, `${compiled.name}.${name}`);
      },
    });
    return Object.assign(callable, { module: compiled.name, version: compiled.version, signature });
  }

  #nextCall(): number {
    return this.#calls = this.#calls + 1 >>> 0;
  }
}
