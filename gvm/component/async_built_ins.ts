import type { BuiltIn, CanonicalOptions } from "../../gmp/wasm_format/component/component_reader.ts";
import type { CanonicalContext } from "./canonical_context.ts";
import type { ComponentInstance } from "./component_instance.ts";
import { notSupported } from "./built_ins.ts";
import type { CoreFunction } from "./promise_integration.ts";
import { resolveType } from "./resolve_types.ts";
import { invalid, type Scope } from "./scope.ts";
import { ErrorBuiltIns } from "./error_built_ins.ts";
import { TaskBuiltIns } from "./task_built_ins.ts";
import { CopyBuiltIns, type CopyType } from "./copy_built_ins.ts";
import type { Scheduler } from "./scheduler.ts";

/** What a built-in is made of. */
interface Making {
  readonly scope: Scope;
  readonly instance: ComponentInstance;
  readonly scheduler: Scheduler;
  /** The context for options, and one for a memory alone. */
  context(options: Partial<CanonicalOptions>): CanonicalContext;
  table(index: number): WebAssembly.Table;
  memory(index: number | undefined): WebAssembly.Memory | undefined;
}

/** A built-in function of WASI 0.3's, other than those of resources. */
export function asyncBuiltIn(definition: BuiltIn, making: Making): CoreFunction {
  const { scope, instance, scheduler, context } = making;
  const tasks = new TaskBuiltIns(instance, scheduler);
  switch (definition.name) {
    case "task.return": {
      const { result, options } = definition;
      const type = result === null ? null : resolveType(scope, result);
      return tasks.taskReturn(type, making.memory(options.memory), context(options));
    }
    case "task.cancel":
      return tasks.taskCancel();
    case "subtask.cancel":
      return tasks.subtaskCancel(definition.async);
    case "subtask.drop":
      return tasks.subtaskDrop();
    case "backpressure.inc":
      return tasks.backpressure(1);
    case "backpressure.dec":
      return tasks.backpressure(-1);
    case "context.get":
      return tasks.contextGet(definition.slot, definition.type === "i64");
    case "context.set":
      return tasks.contextSet(definition.slot);
    case "waitable-set.new":
      return tasks.setNew();
    case "waitable-set.wait":
      return tasks.setWait(context({ memory: definition.memory }), definition.cancellable);
    case "waitable-set.poll":
      return tasks.setPoll(context({ memory: definition.memory }), definition.cancellable);
    case "waitable-set.drop":
      return tasks.setDrop();
    case "waitable.join":
      return tasks.join();
    case "error-context.new":
      return new ErrorBuiltIns(instance).new(context(definition.options));
    case "error-context.debug-message":
      return new ErrorBuiltIns(instance).debugMessage(context(definition.options));
    case "error-context.drop":
      return new ErrorBuiltIns(instance).drop();
    case "thread.index":
      return tasks.threadIndex();
    case "thread.new-indirect":
      return tasks.threadNew(making.table(definition.table), parameterOf(scope, definition.type));
    case "thread.resume-later":
      return tasks.threadResumeLater();
    case "thread.suspend":
      return tasks.threadSuspend(definition.cancellable);
    case "thread.suspend-then-resume":
    case "thread.yield-then-resume":
      return tasks.threadSwitch(definition.name.startsWith("thread.yield"), definition.cancellable);
    case "thread.suspend-then-promote":
    case "thread.yield-then-promote":
      return tasks.threadPromote(definition.name.startsWith("thread.yield"), definition.cancellable);
    case "thread.yield":
      return tasks.threadYield(definition.cancellable);
    default:
      return copyBuiltIn(definition, making);
  }
}

/** What a new thread is given. */
function parameterOf(scope: Scope, index: number): "i32" | "i64" {
  const type = scope.get("core type", index);
  return type.kind === "func" && type.type.parameters[0] === "i64" ? "i64" : "i32";
}

function copyBuiltIn(definition: BuiltIn, { scope, instance, scheduler, context }: Making): CoreFunction {
  const found = /^(?:stream|future)\.(new|read|write|cancel-read|cancel-write|drop-readable|drop-writable)$/
    .exec(
      definition.name,
    );
  if (found === null || !("type" in definition)) return notSupported(definition);
  const type = resolveType(scope, definition.type as number);
  if (type.kind !== "stream" && type.kind !== "future") {
    invalid("a built-in is not given a stream or a future");
  }
  const copies = new CopyBuiltIns(instance, scheduler, type as CopyType);
  const [, action] = found;
  const isRead = action!.includes("read");
  if (action === "new") return copies.new();
  if (action!.startsWith("drop")) return copies.drop(isRead);
  if ("options" in definition) {
    return copies.copy(isRead, context(definition.options), definition.options.async);
  }
  return copies.cancel(isRead, (definition as { async: boolean }).async);
}
