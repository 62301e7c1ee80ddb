import type { ComponentSignature } from "../../gmp/types/component_types.ts";
import type { WaveOptions } from "../../gmp/types/wave/print_wave.ts";
import type { GhostNode } from "../node/ghost_node.ts";
import { callFunction } from "./call_function.ts";
import type { ReplConsole } from "./evaluate.ts";
import type { CallPlace, FoundFunction } from "./find_function.ts";
import { type FunctionSignature, isComponentSignature } from "../../gmp/types/function_signature.ts";
import type { Handles } from "./handles.ts";
import { TextError } from "../../gmp/types/text_error.ts";
import type { Call, Name } from "./language/syntax.ts";
import { okType, resultText, withPayload } from "./result.ts";
import { settledResult, showStream, streamedType } from "./show_stream.ts";
import type { Written } from "./written.ts";

/** How a function is called, and what is shown of it. */
interface ShowCallOptions extends CallPlace {
  /** The call's output. */
  readonly written: Written;
  /** Whether an empty line goes between the output and the result, as in the user's transcripts. */
  readonly spaced: boolean;
  /** What the resource that it returns is to be called. */
  readonly as?: Name | undefined;
  /** Whether text and bytes are written as they are. */
  readonly raw?: boolean | undefined;
  /** The bytes for a `stream<u8>` that is left out. */
  readonly input?: (() => AsyncIterable<Uint8Array>) | undefined;
}

/**
 * Calls the function of a line and shows its result.
 *
 * @throws {TextError} at a value that does not fit; {@linkcode GhostError} what the node throws.
 */
export async function showCall(
  call: Call,
  node: GhostNode,
  console: ReplConsole,
  { written, spaced, as, raw = false, input, ...place }: ShowCallOptions,
): Promise<void> {
  let found: FoundFunction | undefined;
  const before = (one: FoundFunction) => {
    if (as !== undefined && resourceOf(one.signature) === undefined) {
      throw new TextError("only a resource can be named, and this function returns none", call.start);
    }
    found = one;
  };
  try {
    const { result: returned } = await callFunction(call, node, console, {
      ...place,
      input,
      output: written.take,
      before,
    }).finally(() => written.endLine());
    const { signature } = found!;
    const element = streamedType(signature);
    if (element !== undefined) {
      if (written.any && spaced) console.print("");
      await showStream(returned as ReadableStream, element, signature as ComponentSignature, {
        printing: printing(found!, console),
        raw,
        write: (bytes) => console.write(bytes, "stdout"),
        print: (text) => console.result(text),
      }).finally(() => console.restore?.());
      return;
    }
    const result = await settledResult(returned, signature);
    if (as !== undefined) {
      console.handles.assign(
        as.text,
        handleOf(result as object, resourceOf(signature)!, found!, console.handles),
      );
    }
    if (raw && (typeof result === "string" || result instanceof Uint8Array)) {
      const bytes = typeof result === "string" ? new TextEncoder().encode(result) : result;
      return console.write(bytes, "stdout");
    }
    const text = resultText(result, signature, printing(found!, console));
    if (text === undefined) return;
    if (written.any && spaced) console.print("");
    console.result(text);
  } catch (error) {
    throw found === undefined ? error : withPayload(error, found.signature, printing(found, console));
  }
}

/** The resource that a function returns, if it returns one. */
function resourceOf(signature: FunctionSignature): string | undefined {
  if (!isComponentSignature(signature)) return undefined;
  const type = okType(signature);
  const node = typeof type === "number" ? signature.types[type]! : undefined;
  return node?.[0] === "own" ? node[1] : undefined;
}

function printing(found: FoundFunction, { handles, limit }: ReplConsole): WaveOptions {
  return { limit, resource: (value, resource) => handleOf(value, resource, found, handles).name };
}

function handleOf(value: object, resource: string, { on, name }: FoundFunction, handles: Handles) {
  const { module, version, hash } = name;
  return handles.of(value, resource, { on, module: { module, version, hash } });
}
