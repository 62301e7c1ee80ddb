import type { TypeReference } from "../../types/component_types.ts";
import type { ValueType } from "../../types/signature.ts";

/** How values pass (component-model, "Canonical ABI Options"); indices are of core definitions. */
export interface CanonicalOptions {
  readonly stringEncoding: "utf8" | "utf16" | "latin1+utf16";
  readonly async: boolean;
  readonly memory?: number;
  readonly realloc?: number;
  readonly postReturn?: number;
  readonly callback?: number;
}

/** The function of a component, made of a core function. */
export interface Lift {
  readonly kind: "lift";
  /** The index of the core function. */
  readonly function: number;
  readonly options: CanonicalOptions;
  /** The index of its type. */
  readonly type: number;
}

/** A core function, made of the function of a component. */
export interface Lower {
  readonly kind: "lower";
  /** The index of the component's function. */
  readonly function: number;
  readonly options: CanonicalOptions;
}

/** A core function that the runtime provides (component-model, "Canonical Definitions"). */
export type BuiltIn =
  & { readonly kind: "built-in" }
  & (
    | {
      readonly name:
        | "task.cancel"
        | "subtask.drop"
        | "backpressure.inc"
        | "backpressure.dec"
        | "error-context.drop"
        | "waitable-set.new"
        | "waitable-set.drop"
        | "waitable.join"
        | "thread.index"
        | "thread.resume-later";
    }
    | {
      readonly name:
        | "resource.new"
        | "resource.drop"
        | "resource.rep"
        | "stream.new"
        | "stream.drop-readable"
        | "stream.drop-writable"
        | "future.new"
        | "future.drop-readable"
        | "future.drop-writable";
      /** The index of the type of the resource, stream or future. */
      readonly type: number;
    }
    | {
      readonly name: "stream.read" | "stream.write" | "future.read" | "future.write";
      readonly type: number;
      readonly options: CanonicalOptions;
    }
    | {
      readonly name:
        | "stream.cancel-read"
        | "stream.cancel-write"
        | "future.cancel-read"
        | "future.cancel-write";
      readonly type: number;
      readonly async: boolean;
    }
    | { readonly name: "subtask.cancel"; readonly async: boolean }
    | {
      readonly name: "task.return";
      readonly result: TypeReference | null;
      readonly options: CanonicalOptions;
    }
    | {
      readonly name: "error-context.new" | "error-context.debug-message";
      readonly options: CanonicalOptions;
    }
    | {
      readonly name: "context.get" | "context.set";
      readonly type: ValueType;
      /** Which of the thread's slots. */
      readonly slot: number;
    }
    | {
      readonly name: "waitable-set.wait" | "waitable-set.poll";
      readonly cancellable: boolean;
      /** The index of the core memory. */
      readonly memory: number;
    }
    | {
      readonly name:
        | "thread.yield"
        | "thread.suspend"
        | "thread.suspend-then-resume"
        | "thread.yield-then-resume"
        | "thread.suspend-then-promote"
        | "thread.yield-then-promote";
      readonly cancellable: boolean;
    }
    | {
      readonly name: "thread.new-indirect";
      /** The index of the core type. */
      readonly type: number;
      /** The index of the core table. */
      readonly table: number;
    }
    | {
      readonly name: "thread.spawn-ref" | "thread.spawn-indirect" | "thread.available-parallelism";
      readonly shared: boolean;
      readonly type?: number;
      readonly table?: number;
    }
  );
