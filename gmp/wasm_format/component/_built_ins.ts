import type { BuiltIn, CanonicalOptions } from "./component_description.ts";
import { checkMemory, checkOptions, lowered, PassedValues } from "./_canon.ts";
import { optionalType } from "./_define_types.ts";
import { type FunctionNode, node, type ValueType } from "./resolved_types.ts";
import type { Scope } from "./_scope.ts";
import type { Signature } from "../../types/signature.ts";

/** The core signature of a built-in (component-model, "Canonical Definitions"). */
export function checkBuiltIn(scope: Scope, builtIn: BuiltIn): Signature {
  switch (builtIn.name) {
    case "resource.new":
      return { parameters: [localRepresentation(scope, builtIn.type)], results: ["i32"] };
    case "resource.rep":
      return { parameters: ["i32"], results: [localRepresentation(scope, builtIn.type)] };
    case "resource.drop":
      scope.resource(builtIn.type);
      return TAKES;
    case "task.return":
      return checkTaskReturn(scope, optionalType(scope, builtIn.result), builtIn.options);
    case "context.get":
    case "context.set":
      return checkContext(scope, builtIn);
    case "stream.read":
    case "stream.write":
    case "future.read":
    case "future.write":
      return checkCopy(scope, builtIn);
    case "waitable-set.wait":
    case "waitable-set.poll": {
      checkMemory(scope, builtIn.memory);
      return { parameters: ["i32", "i32"], results: ["i32"] };
    }
    case "error-context.new":
    case "error-context.debug-message":
      return checkErrorContext(scope, builtIn);
    case "thread.new-indirect":
      return checkNewThread(scope, builtIn.type, builtIn.table);
    case "thread.spawn-ref":
    case "thread.spawn-indirect":
    case "thread.available-parallelism":
      return scope.fail(`the built-in ${builtIn.name} is not supported`);
    default:
      if ("type" in builtIn) {
        elementOf(scope, builtIn.name.startsWith("stream") ? "stream" : "future", builtIn.type);
      }
      return SIGNATURES[builtIn.name];
  }
}

const NOTHING: Signature = { parameters: [], results: [] };
const TAKES: Signature = { parameters: ["i32"], results: [] };
const GIVES: Signature = { parameters: [], results: ["i32"] };
const MAPS: Signature = { parameters: ["i32"], results: ["i32"] };
const PAIR: Signature = { parameters: [], results: ["i64"] };

type Simple = Exclude<
  BuiltIn["name"],
  | `resource.${string}`
  | `context.${string}`
  | "task.return"
  | "error-context.new"
  | "error-context.debug-message"
  | `${string}.read`
  | `${string}.write`
  | "waitable-set.wait"
  | "waitable-set.poll"
  | "thread.new-indirect"
  | `thread.spawn-${string}`
  | "thread.available-parallelism"
>;

const SIGNATURES: Readonly<Record<Simple, Signature>> = {
  "backpressure.inc": NOTHING,
  "backpressure.dec": NOTHING,
  "task.cancel": NOTHING,
  "subtask.cancel": MAPS,
  "subtask.drop": TAKES,
  "error-context.drop": TAKES,
  "waitable-set.new": GIVES,
  "waitable-set.drop": TAKES,
  "waitable.join": { parameters: ["i32", "i32"], results: [] },
  "stream.new": PAIR,
  "stream.cancel-read": MAPS,
  "stream.cancel-write": MAPS,
  "stream.drop-readable": TAKES,
  "stream.drop-writable": TAKES,
  "future.new": PAIR,
  "future.cancel-read": MAPS,
  "future.cancel-write": MAPS,
  "future.drop-readable": TAKES,
  "future.drop-writable": TAKES,
  "thread.index": GIVES,
  "thread.resume-later": TAKES,
  "thread.yield": GIVES,
  "thread.suspend": GIVES,
  "thread.suspend-then-resume": MAPS,
  "thread.yield-then-resume": MAPS,
  "thread.suspend-then-promote": MAPS,
  "thread.yield-then-promote": MAPS,
};

function localRepresentation(scope: Scope, type: number): "i32" | "i64" {
  const { id } = scope.resource(type);
  const isLocal = id.representation !== undefined && scope.definedResources.has(id);
  if (!isLocal) scope.fail(`type ${type} is a resource that this component does not define`);
  return id.representation!;
}

function checkTaskReturn(scope: Scope, result: ValueType | null, options: CanonicalOptions): Signature {
  checkOptions(scope, options);
  const { realloc, postReturn, callback, async } = options;
  if (realloc !== undefined || postReturn !== undefined || callback !== undefined || async) {
    scope.fail("the built-in task.return has other options than memory and string-encoding");
  }
  const parameters = result === null ? [] : [["value", result] as const];
  const type = node<FunctionNode>({ kind: "func", parameters, result: null, async: true });
  return lowered(scope, type, options);
}

function checkContext(
  scope: Scope,
  { name, type, slot }: Extract<BuiltIn, { readonly slot: number }>,
): Signature {
  if (type !== "i32" && type !== "i64") scope.fail(`the built-in ${name} is of ${type}, not of i32 or i64`);
  if (slot > 1) scope.fail(`the built-in ${name} is of slot ${slot}, and there are 2`);
  return name === "context.get" ? { parameters: [], results: [type] } : { parameters: [type], results: [] };
}

/** The type of the elements of a stream or future. */
function elementOf(scope: Scope, kind: "stream" | "future", index: number): ValueType | null {
  const type = scope.valueType(index);
  if (typeof type === "string" || type.kind !== kind) scope.fail(`type ${index} is not a ${kind}`);
  return (type as Extract<typeof type, { readonly kind: "stream" | "future" }>).type;
}

function checkCopy(
  scope: Scope,
  { name, type, options }: Extract<BuiltIn, { readonly type: number; readonly options: CanonicalOptions }>,
): Signature {
  const [kind, way] = name.split(".") as ["stream" | "future", "read" | "write"];
  checkOptions(scope, options);
  const element = elementOf(scope, kind, type);
  const pass = new PassedValues(scope, options);
  if (element !== null) pass.needs("memory");
  pass.values(element, way === "read" ? "in" : "out");
  return kind === "stream"
    ? { parameters: ["i32", "i32", "i32"], results: ["i32"] }
    : { parameters: ["i32", "i32"], results: ["i32"] };
}

function checkErrorContext(
  scope: Scope,
  { name, options }: Extract<BuiltIn, { readonly name: `error-context.${"new" | "debug-message"}` }>,
): Signature {
  checkOptions(scope, options);
  if (options.async) scope.fail(`the built-in ${name} has the option async`);
  new PassedValues(scope, options).values("string", name === "error-context.new" ? "out" : "in");
  return name === "error-context.new"
    ? { parameters: ["i32", "i32"], results: ["i32"] }
    : { parameters: ["i32", "i32"], results: [] };
}

function checkNewThread(scope: Scope, typeIndex: number, tableIndex: number): Signature {
  const type = scope.get("core type", typeIndex);
  const parameter =
    type.kind === "func" && type.type.results.length === 0 && type.type.parameters.length === 1
      ? type.type.parameters[0]
      : undefined;
  if (parameter !== "i32" && parameter !== "i64") {
    scope.fail(`core type ${typeIndex}, of new threads, is not (i32) -> ()`);
  }
  const table = scope.get("core table", tableIndex);
  if (table.element !== "funcref") {
    scope.fail(`core table ${tableIndex} is of ${table.element}, not of funcref`);
  }
  if (table.is64) scope.fail(`core table ${tableIndex} has 64-bit indices, which is not supported`);
  return { parameters: ["i32", parameter], results: ["i32"] };
}
