import { GhostError } from "../../gmp/errors.ts";
import type { FunctionName } from "../../gmp/types/function_name.ts";
import type { FunctionSignature } from "../../gmp/types/function_signature.ts";
import type { GhostNode } from "../node/ghost_node.ts";
import { type Handle, type Handles, refuseGone } from "./handles.ts";
import type { Call, Name } from "./language/syntax.ts";
import { moduleOf } from "./module_of.ts";

/** Where a line's function runs. */
export interface CallPlace {
  /** The node, if it is another one. */
  readonly on?: string | undefined;
  /** Stops it. */
  readonly signal: AbortSignal;
}

/** A function of a line that was looked up. */
export interface FoundFunction {
  /** Its name as the node takes it. */
  readonly name: FunctionName;
  /** Where it runs, if not here. */
  readonly on: string | undefined;
  /** What it takes and returns. */
  readonly signature: FunctionSignature;
  /** The resource whose method it is, which is its first argument. */
  readonly self: Handle | undefined;
}

/**
 * Looks up the function of a line: `math.add`, `greeter.counter.merge`, or the method of a resource, `c.next`.
 *
 * @throws {GhostError} `RESOURCE_GONE`, `BAD_ARGUMENTS` for a resource that is on another node, and what the node throws.
 */
export async function findFunction(
  call: Call,
  node: GhostNode,
  handles: Handles,
  { on, signal }: CallPlace,
): Promise<FoundFunction> {
  const self = isPlain(call.module) && call.version === undefined ? handles.get(call.module.text) : undefined;
  if (self !== undefined) return await findMethod(self, call, node, { on, signal });
  const [first, ...others] = readings(call);
  const lookUp = async (name: FunctionName) => ({
    name,
    on,
    signature: await node.signature(name, { on, signal }),
    self: undefined,
  });
  try {
    return await lookUp(first!);
  } catch (error) {
    if (GhostError.from(error).code !== "MODULE_NOT_FOUND") throw error;
    for (const name of others) {
      try {
        return await lookUp(name);
      } catch (later) {
        if (GhostError.from(later).code !== "MODULE_NOT_FOUND") throw later;
      }
    }
    throw error;
  }
}

async function findMethod(
  self: Handle,
  call: Call,
  node: GhostNode,
  place: CallPlace,
): Promise<FoundFunction> {
  const called = call.module.text;
  refuseGone(self, called);
  if (place.on !== undefined && place.on !== (self.on ?? node.name)) {
    throw new GhostError(
      "BAD_ARGUMENTS",
      `Cannot call ${called}.${call.function.text} there: ${called} ${whereIs(self)}`,
    );
  }
  const name = { ...self.module, function: [self.resource, ...pathOf(call)].join(".") };
  const { on } = self;
  return { name, on, signature: await node.signature(name, { on, signal: place.signal }), self };
}

/** Where a resource lives, for a message. */
export function whereIs({ on }: Handle): string {
  return on === undefined ? "is on this node" : `is on ${on}`;
}

/** What the names of a line may mean, the likeliest first: dots belong to the module, or to what it exports. */
export function readings(call: Call): FunctionName[] {
  const { version, hash } = moduleOf(call);
  const parts = call.version === undefined && isPlain(call.module)
    ? call.module.text.split(".")
    : [call.module.text];
  return parts.map((_, i) => ({
    module: parts.slice(0, parts.length - i).join("."),
    version,
    hash,
    function: functionName([...parts.slice(parts.length - i), ...pathOf(call)]),
  }));
}

function pathOf({ within = [], function: name }: Call): string[] {
  return [...within.map(({ text }) => text), name.text];
}

/** The function's name: `counter.merge`, `ghost:demo/greeter@1.0.0#greet`. */
function functionName([first = "", ...others]: readonly string[]): string {
  return others.length > 0 && first.includes("/")
    ? `${first}#${others.join(".")}`
    : [first, ...others].join(".");
}

/** Whether a name was written without quotes. */
function isPlain({ text, start, end }: Name): boolean {
  return end - start === text.length;
}
