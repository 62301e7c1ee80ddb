import type { CanonicalContext } from "./canonical_context.ts";
import type { ComponentInstance } from "./component_instance.ts";
import type { CoreFunction } from "./promise_integration.ts";
import { trap } from "./trap.ts";
import type { Type } from "./types.ts";
import { BLOCKED } from "./task_built_ins.ts";
import { suspendable } from "./lowered_task.ts";
import { after, type Maybe } from "./maybe.ts";
import { isSameType } from "./same_type.ts";
import { CopyEnd, CopyResult, GuestBuffer, Shared } from "./copy_ends.ts";
import type { Scheduler } from "./scheduler.ts";
import { type Event, EventCode } from "./waitable.ts";

/** The type of a stream or of a future. */
export type CopyType = Extract<Type, { readonly kind: "stream" | "future" }>;

/** The built-in functions of one instance for streams and futures of one type (Canonical ABI, "Canonical Definitions"). */
export class CopyBuiltIns {
  constructor(readonly instance: ComponentInstance, readonly scheduler: Scheduler, readonly type: CopyType) {}

  new(): CoreFunction {
    return () => {
      const { instance, type } = this;
      instance.checkLeave();
      const shared = new Shared(type.kind, type.element, this.scheduler);
      const readable = instance.handles.add(new CopyEnd(shared, true));
      const writable = instance.handles.add(new CopyEnd(shared, false));
      return BigInt(readable) | BigInt(writable) << 32n;
    };
  }

  copy(isRead: boolean, context: CanonicalContext, isAsync: boolean): CoreFunction {
    const isFuture = this.type.kind === "future";
    return suspendable(this.scheduler, ([index, pointer, length]) => {
      this.instance.checkLeave();
      const end = this.#end(this.instance.handles.get(index as number), index as number, isRead);
      if (end.state === "done") {
        trap(`cannot ${isRead ? "read from" : "write to"} ${this.type.kind} after it is done`);
      }
      if (end.state !== "idle") trap(`cannot have concurrent operations active on a ${this.type.kind}`);
      if (end.set !== undefined && !isAsync) trap("cannot block on what is in a waitable set");
      const count = isFuture ? 1 : (length as number) >>> 0;
      const buffer = new GuestBuffer(context, this.type.element, (pointer as number) >>> 0, count);
      this.#begin(end, index as number, buffer, isRead);
      if (end.hasEvent) return end.take()[2];
      if (isAsync) return BLOCKED;
      return after(end.wait(this.scheduler), () => end.take()[2]);
    });
  }

  #begin(end: CopyEnd, index: number, buffer: GuestBuffer, isRead: boolean): void {
    const code = this.#code(isRead);
    const event = (result: number): Event => {
      const isFuture = this.type.kind === "future";
      const isOver = result === CopyResult.DROPPED || isFuture && result === CopyResult.COMPLETED;
      end.state = isOver ? "done" : "idle";
      return [code, index, isFuture ? result : result | buffer.progress << 4];
    };
    end.state = "copying";
    end.shared.copy({
      instance: this.instance,
      end,
      buffer,
      isRead,
      copied: (reclaim) =>
        end.happened(() => {
          reclaim();
          return event(CopyResult.COMPLETED);
        }),
      done: (result) => end.happened(() => event(result)),
    });
  }

  cancel(isRead: boolean, isAsync: boolean): CoreFunction {
    return suspendable(this.scheduler, ([index]): Maybe<number> => {
      this.instance.checkLeave();
      const end = this.#end(this.instance.handles.get(index as number), index as number, isRead);
      if (end.state !== "copying" || end.hasWaiter) trap(`no ${isRead ? "read" : "write"} is in progress`);
      if (end.set !== undefined && !isAsync) trap("cannot block on what is in a waitable set");
      end.state = "cancelling";
      end.shared.cancel(end);
      if (end.hasEvent) return end.take()[2];
      if (isAsync) return BLOCKED;
      return after(end.wait(this.scheduler), () => end.take()[2]);
    });
  }

  drop(isRead: boolean): CoreFunction {
    return (index: number) => {
      this.instance.checkLeave();
      this.#end(this.instance.handles.remove(index), index, isRead).drop();
    };
  }

  #code(isRead: boolean): number {
    if (this.type.kind === "stream") return isRead ? EventCode.STREAM_READ : EventCode.STREAM_WRITE;
    return isRead ? EventCode.FUTURE_READ : EventCode.FUTURE_WRITE;
  }

  #end(entry: object, index: number, isReadable: boolean): CopyEnd {
    const { kind, element } = this.type;
    if (!(entry instanceof CopyEnd) || entry.isReadable !== isReadable || entry.shared.kind !== kind) {
      trap(`handle index ${index} is not the ${isReadable ? "readable" : "writable"} end of a ${kind}`);
    }
    if (!isSameType(entry.shared.type, element)) trap(`handle index ${index} used with the wrong type`);
    return entry;
  }
}
