import { GhostError } from "../../gmp/errors.ts";
import type { ComponentSignature } from "../../gmp/types/component_types.ts";
import { isComponentSignature } from "../../gmp/types/function_signature.ts";
import { literalMistake } from "../../gmp/types/wave/literal.ts";
import { readArguments, type WaveSources } from "../../gmp/types/wave/read_wave.ts";
import { TextError } from "../../gmp/types/text_error.ts";
import type { WaveNode } from "../../gmp/types/wave/wave_node.ts";
import type { OutputStream } from "../engine/output.ts";
import type { GhostNode } from "../node/ghost_node.ts";
import { type CallPlace, findFunction, type FoundFunction, whereIs } from "./find_function.ts";
import { type Handle, type Handles, refuseGone } from "./handles.ts";
import type { Call } from "./language/syntax.ts";

/** A file that a line gives to what it runs; disposing of it closes one that nobody has begun to read. */
export interface LineInput extends Disposable {
  /** What is in it, to be read once; each piece is valid until the next is requested. */
  bytes(): AsyncIterable<Uint8Array>;
}

/** What a line may refer to. */
export interface LineSources {
  /** The resources that earlier lines have made. */
  readonly handles: Handles;
  /** The bytes of a file. @throws {GhostError} when it cannot be read. */
  file(path: string): Promise<Uint8Array<ArrayBuffer>>;
  /** Opens the file of `< FILE`. @throws {GhostError} when it cannot be read. */
  open(path: string): Promise<LineInput>;
}

/** A call of a line that returned. */
interface LineResult {
  /** The function. */
  readonly found: FoundFunction;
  /** What it returned. */
  readonly result: unknown;
}

/** How the function of a line is called. */
interface LineCallOptions extends CallPlace {
  /** Receives its output. */
  output(bytes: Uint8Array, stream: OutputStream): void;
  /** The bytes for a `stream<u8>` that is left out. */
  readonly input?: (() => AsyncIterable<Uint8Array>) | undefined;
  /** Looks at the function before it is called. */
  before?(found: FoundFunction): void;
}

/**
 * Calls the function of a line, with the values that are written there read by the types of its parameters.
 *
 * @throws {TextError} at a value that does not fit; {@linkcode GhostError} what the node throws.
 */
export async function callFunction(
  call: Call,
  node: GhostNode,
  sources: LineSources,
  { output, input, before, ...place }: LineCallOptions,
): Promise<LineResult> {
  const found = await findFunction(call, node, sources.handles, place);
  before?.(found);
  const { name, on, signature } = found;
  const given: Handle[] = [];
  let isTaken = false;
  const taken = input && (() => {
    isTaken = true;
    return input();
  });
  const args = isComponentSignature(signature)
    ? await typedArguments(call, found, signature, { sources, input: taken }, given)
    : await numbersOf(call, found, node, place.signal);
  if (call.input !== undefined && !isTaken) {
    throw new TextError("nothing takes the file: no stream<u8> is left out", call.input.start);
  }
  try {
    const result: unknown = await node.call(name, args, { on, signal: place.signal, output });
    return { found, result };
  } finally {
    // A call that was refused has not taken them.
    for (const handle of given) if (handle.value.isGone) handle.gone = "given away";
  }
}

/** What the arguments of a line may come from. */
interface ArgumentSources extends Pick<LineCallOptions, "input"> {
  readonly sources: LineSources;
}

async function typedArguments(
  call: Call,
  { self, on }: FoundFunction,
  signature: ComponentSignature,
  { sources: { handles, file }, input }: ArgumentSources,
  given: Handle[],
): Promise<unknown[]> {
  const files = await readFiles(call.arguments, file);
  let hasInput = input !== undefined;
  const values: WaveSources = {
    file: (path) => files.get(path),
    input: () => {
      const isFirst = hasInput;
      hasInput = false;
      return isFirst ? input!() : undefined;
    },
    resource: (name, _resource, isGiven) => {
      const handle = handles.get(name);
      if (handle === undefined) return { mistake: `there is no resource ${name}` };
      refuseGone(handle, name);
      if (handle.on !== on) return { mistake: `${name} ${whereIs(handle)}` };
      if (isGiven) given.push(handle);
      return handle.value;
    },
  };
  const [, ...others] = signature.parameters;
  const rest = self === undefined ? signature : { ...signature, parameters: others };
  const args = readArguments(call.arguments, rest, call.end - 1, values);
  return self === undefined ? args : [self.value, ...args];
}

/** Reads the files that the values refer to, one after the other. */
async function readFiles(
  nodes: readonly WaveNode[],
  read: LineSources["file"],
): Promise<Map<string, Uint8Array<ArrayBuffer>>> {
  const files = new Map<string, Uint8Array<ArrayBuffer>>();
  for (const path of pathsIn(nodes)) {
    if (!files.has(path)) files.set(path, await read(path));
  }
  return files;
}

/** The paths of files in values. */
export function* pathsIn(nodes: readonly WaveNode[]): Generator<string> {
  for (const node of nodes) {
    if (node.kind === "file") yield node.path;
    else if (node.kind === "list" || node.kind === "tuple") yield* pathsIn(node.items);
    else if (node.kind === "record") yield* pathsIn(node.fields.map(({ item }) => item));
    else if (node.kind === "label" && node.payload !== undefined) yield* pathsIn([node.payload]);
  }
}

/**
 * The values for a function of a core module, which takes numbers.
 *
 * @throws {TextError} at another value, with what the node says of what to compile with for it.
 */
async function numbersOf(
  call: Call,
  { name, on }: FoundFunction,
  node: GhostNode,
  signal: AbortSignal,
): Promise<unknown[]> {
  try {
    return call.arguments.map(numberOf);
  } catch (error) {
    if (!(error instanceof TextError)) throw error;
    // No number fits an object, so nothing is called.
    const refused = await node.call(name, [{}], { on, signal }).catch(GhostError.from);
    const advice = refused instanceof GhostError ? refused.details?.advice : undefined;
    throw advice === undefined ? error : new TextError(`${error.message}; ${advice}`, error.position);
  }
}

/** A value for a function of a core module, which takes numbers. */
export function numberOf(node: WaveNode): number | bigint | boolean | string {
  switch (node.kind) {
    case "number":
    case "boolean":
    case "text":
      return node.value;
    case "label":
      if (node.payload === undefined) throw new TextError(literalMistake(node.name), node.start);
  }
  throw new TextError("this function takes numbers only", node.start);
}
