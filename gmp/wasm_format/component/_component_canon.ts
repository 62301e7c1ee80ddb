import type { ComponentCursor } from "./_component_cursor.ts";
import { readResult } from "./_component_types.ts";
import type { BuiltIn, CanonicalOptions, Lift, Lower } from "./component_description.ts";
import { readValueType } from "../_module_types.ts";

/** An entry of a canon section (component-model, binary `canon`). */
export function readCanon(cursor: ComponentCursor): Lift | Lower | BuiltIn {
  const code = cursor.byte();
  if (code === 0x00) {
    cursor.zero("sort of what is lifted to");
    const index = cursor.u32();
    return { kind: "lift", function: index, options: readOptions(cursor), type: cursor.u32() };
  }
  if (code === 0x01) {
    cursor.zero("sort of what is lowered");
    return { kind: "lower", function: cursor.u32(), options: readOptions(cursor) };
  }
  const read = BUILT_INS.get(code) ?? cursor.unknown("canonical definition");
  return read(cursor);
}

/** Reads what follows the code of a built-in. */
type Read = (cursor: ComponentCursor) => BuiltIn;
/** The names of the built-ins with a part that is like `Part`. */
type NameOf<Part> = Extract<BuiltIn, Part>["name"];
type Typed = NameOf<{ readonly type: number }>;
type Copying = NameOf<{ readonly type: number; readonly options: CanonicalOptions }>;
type Cancelling = NameOf<{ readonly type: number; readonly async: boolean }>;
type Cancellable = NameOf<{ readonly cancellable: boolean }>;
type Waiting = NameOf<{ readonly memory: number }>;
type Bare = Exclude<
  BuiltIn,
  { type: unknown } | { options: unknown } | { async: unknown } | { cancellable: unknown } | {
    shared: unknown;
  }
>["name"];

const kind = "built-in";

function bare(name: Bare): Read {
  return () => ({ kind, name });
}

function typed(name: Exclude<Typed, Copying | Cancelling | "thread.new-indirect">): Read {
  return (cursor) => ({ kind, name, type: cursor.u32() });
}

function copying(name: Copying): Read {
  return (cursor) => ({ kind, name, type: cursor.u32(), options: readOptions(cursor) });
}

function cancelling(name: Cancelling): Read {
  return (cursor) => ({ kind, name, type: cursor.u32(), async: cursor.flag("async flag") });
}

function ofContext(name: "context.get" | "context.set"): Read {
  return (cursor) => ({ kind, name, type: readValueType(cursor), slot: cursor.u32() });
}

function ofErrors(name: "error-context.new" | "error-context.debug-message"): Read {
  return (cursor) => ({ kind, name, options: readOptions(cursor) });
}

function waiting(name: Waiting): Read {
  return (cursor) => ({ kind, name, cancellable: cursor.flag("cancel flag"), memory: cursor.u32() });
}

function cancellable(name: Exclude<Cancellable, Waiting>): Read {
  return (cursor) => ({ kind, name, cancellable: cursor.flag("cancel flag") });
}

const BUILT_INS: ReadonlyMap<number, Read> = new Map<number, Read>([
  [0x02, typed("resource.new")],
  [0x03, typed("resource.drop")],
  [0x04, typed("resource.rep")],
  [0x05, bare("task.cancel")],
  [0x06, (cursor) => ({ kind, name: "subtask.cancel", async: cursor.flag("async flag") })],
  [
    0x09,
    (cursor) => ({ kind, name: "task.return", result: readResult(cursor), options: readOptions(cursor) }),
  ],
  [0x0a, ofContext("context.get")],
  [0x0b, ofContext("context.set")],
  [0x0c, cancellable("thread.yield")],
  [0x0d, bare("subtask.drop")],
  [0x0e, typed("stream.new")],
  [0x0f, copying("stream.read")],
  [0x10, copying("stream.write")],
  [0x11, cancelling("stream.cancel-read")],
  [0x12, cancelling("stream.cancel-write")],
  [0x13, typed("stream.drop-readable")],
  [0x14, typed("stream.drop-writable")],
  [0x15, typed("future.new")],
  [0x16, copying("future.read")],
  [0x17, copying("future.write")],
  [0x18, cancelling("future.cancel-read")],
  [0x19, cancelling("future.cancel-write")],
  [0x1a, typed("future.drop-readable")],
  [0x1b, typed("future.drop-writable")],
  [0x1c, ofErrors("error-context.new")],
  [0x1d, ofErrors("error-context.debug-message")],
  [0x1e, bare("error-context.drop")],
  [0x1f, bare("waitable-set.new")],
  [0x20, waiting("waitable-set.wait")],
  [0x21, waiting("waitable-set.poll")],
  [0x22, bare("waitable-set.drop")],
  [0x23, bare("waitable.join")],
  [0x24, bare("backpressure.inc")],
  [0x25, bare("backpressure.dec")],
  [0x26, bare("thread.index")],
  [0x27, (cursor) => ({ kind, name: "thread.new-indirect", type: cursor.u32(), table: cursor.u32() })],
  [0x28, bare("thread.resume-later")],
  [0x29, cancellable("thread.suspend")],
  [0x2a, cancellable("thread.suspend-then-resume")],
  [0x2b, cancellable("thread.yield-then-resume")],
  [0x2c, cancellable("thread.suspend-then-promote")],
  [0x2d, cancellable("thread.yield-then-promote")],
  [
    0x40,
    (cursor) => ({ kind, name: "thread.spawn-ref", shared: cursor.flag("shared flag"), type: cursor.u32() }),
  ],
  [
    0x41,
    (cursor) => ({
      kind,
      name: "thread.spawn-indirect",
      shared: cursor.flag("shared flag"),
      type: cursor.u32(),
      table: cursor.u32(),
    }),
  ],
  [
    0x42,
    (cursor) => ({ kind, name: "thread.available-parallelism", shared: cursor.flag("shared flag") }),
  ],
]);

const ENCODINGS = ["utf8", "utf16", "latin1+utf16"] as const;
/** The options that name a core definition, by their code. */
const INDEXED = { 3: "memory", 4: "realloc", 5: "postReturn", 7: "callback" } as const;

/** Canonical options (component-model, binary `opts`), of which each may come once. */
function readOptions(cursor: ComponentCursor): CanonicalOptions {
  const options: { -readonly [Key in keyof CanonicalOptions]?: CanonicalOptions[Key] } = {};
  cursor.list("options", () => {
    const at = cursor.offset;
    const code = cursor.byte();
    const encoding = ENCODINGS[code];
    const indexed = INDEXED[code as keyof typeof INDEXED];
    if (encoding === undefined && indexed === undefined && code !== 6) cursor.unknown("canonical option");
    const key = encoding !== undefined ? "stringEncoding" : indexed ?? "async";
    if (options[key] !== undefined) cursor.fail(`the canonical option ${key} comes twice`, at);
    if (encoding !== undefined) options.stringEncoding = encoding;
    else if (indexed !== undefined) options[indexed] = cursor.u32();
    else options.async = true;
  });
  return { stringEncoding: "utf8", async: false, ...options };
}
