import type { CanonicalContext } from "./canonical_context.ts";
import { type ComponentInstance, enter, leave } from "./component_instance.ts";
import { KEEP } from "./component_function.ts";
import { after } from "./maybe.ts";
import type { CoreFunction } from "./promise_integration.ts";
import type { ResourceType } from "./resources.ts";
import { TaskFunction } from "./task_function.ts";
import { primitive } from "./types.ts";

/** A new resource type of the instance of `context`; its destructor may have to wait in a component of WASI 0.3. */
export function defineResource(
  destructor: CoreFunction | undefined,
  context: CanonicalContext,
  mayWait: boolean,
): ResourceType {
  const implementer = context.instance;
  return {
    name: "",
    implementer,
    destructor: mayWait && destructor !== undefined
      ? waitingDestructor(destructor, context)
      : plainDestructor(destructor, implementer),
  };
}

function plainDestructor(
  destructor: CoreFunction | undefined,
  implementer: ComponentInstance,
): NonNullable<ResourceType["destructor"]> {
  return (representation, caller) => {
    if (caller === undefined) implementer.store.begin();
    const entered = implementer.entered(caller);
    enter(entered);
    destructor?.(representation);
    leave(entered);
  };
}

function waitingDestructor(
  destructor: CoreFunction,
  context: CanonicalContext,
): NonNullable<ResourceType["destructor"]> {
  const type = { parameters: [{ name: "rep", type: primitive("u32") }], result: null, async: false };
  const options = {
    async: false,
    encoding: "utf8",
    memory: undefined,
    callback: undefined,
    postReturn: undefined,
    context,
  } as const;
  const { store } = context.instance;
  const callee = new TaskFunction(destructor, type, options, store.scheduler, true);
  return (representation, caller) => {
    const args = [representation >>> 0];
    if (caller !== undefined) {
      return after(callee.begin(() => args, () => {}, caller), () => undefined);
    }
    store.begin();
    return callee.call(args, undefined, KEEP, 0) as void | Promise<void>;
  };
}
