// A session of this process with a fixture of this folder as its only module, and a watch that notes who has the thread.
import { assertRejects } from "@std/assert";
import { GhostError } from "../../../gmp/errors.ts";
import { programResult } from "../../../gmp/types/program_values.ts";
import type { ComponentSignature } from "../../../gmp/types/component_types.ts";
import { sha256 } from "../../../gmp/wasm_format/sha256.ts";
import { compileModule } from "../../../gvm/engine/compiled_module.ts";
import { DEFAULT_LIMITS, type ExecutionLimits } from "../../../gvm/engine/execution_limits.ts";
import type { HeldResource } from "../../../gvm/engine/function_instance.ts";
import { MemoryBudget } from "../../../gvm/engine/memory_budget.ts";
import { Session } from "../../../gvm/engine/session.ts";
import type { CallTerms, Watch } from "../../../gvm/engine/watch.ts";
import { fixture } from "./_fixtures.ts";

/** Notes who has the thread. */
class Notes implements Watch {
  readonly entered: { id: number; terms: CallTerms }[] = [];
  /** Those that have the thread now. */
  readonly inside = new Set<number>();
  #last = 0;

  enter(_session: number, id: number, _since: number, terms: CallTerms): number {
    this.entered.push({ id, terms });
    this.inside.add(++this.#last);
    return this.#last;
  }

  leave(mark: number): void {
    this.inside.delete(mark);
  }
}

let lastId = 0;

/** Opens one within `limits`, for the component `module` of the folder `fixtures`. */
export function open(module: string, limits: Partial<ExecutionLimits> = {}) {
  const all = { ...DEFAULT_LIMITS, ...limits };
  const memory = new MemoryBudget(all, { whose: "this test" });
  const watch = new Notes();
  const load = async (name: string) => {
    const bytes = fixture(module);
    return await compileModule(
      bytes,
      { name, version: "1.0.0", hash: await sha256([bytes], bytes.length) },
      all,
    );
  };
  const session = new Session({ load, limits: all, memory, watch }, 1);
  const call = async (name: string, ...args: unknown[]) => {
    const found = await session.resolve(module, undefined, name, 0);
    const id = ++lastId;
    const result = await session.call(found, args, { id, output: () => {} });
    const own = programResult(found.component as ComponentSignature);
    return { id, result: own === undefined ? result : own(result) };
  };
  // deno-lint-ignore no-explicit-any -- what it is depends on the function
  const valueOf = async (name: string, ...args: unknown[]): Promise<any> =>
    (await call(name, ...args)).result;
  /** Drops what `name` has returned: the id of the call, and its end. */
  const drop = async (name: string, resource: HeldResource) => {
    const found = await session.resolve(module, undefined, name, 0);
    const id = ++lastId;
    return { id, dropped: session.release(found, resource, { id, output: () => {} }) };
  };
  return { session, call, valueOf, drop, watch, memory };
}

/** The code with which `promise` is rejected. */
export async function code(promise: Promise<unknown>): Promise<string> {
  return (await assertRejects(() => promise, GhostError)).code;
}
