import { prepareComponentCodec } from "./component_codec.ts";
import type { ComponentSignature } from "./component_types.ts";
import { GhostError } from "../errors.ts";
import { type FunctionSignature, isComponentSignature } from "./function_signature.ts";
import { showName } from "./quote.ts";
import type { CallableSignature } from "./signature.ts";
import { checkArguments, prepareCodec, resultOf, valuesOf } from "./values.ts";
import { describeType } from "./value_types.ts";

/** Writes and reads what a function that a program provides takes and returns, as bytes. */
export interface ImportCodec {
  /** The arguments, as a module passed them. @throws {GhostError} `PAYLOAD_TOO_LARGE`. */
  writeArguments(args: readonly unknown[]): Uint8Array;
  /** The arguments. @throws {GhostError} `BAD_REQUEST`, `PAYLOAD_TOO_LARGE`. */
  readArguments(bytes: Uint8Array): readonly unknown[];
  /** What the program's function returned. @throws {GhostError} `BAD_ARGUMENTS` when it is not of its type. */
  writeResult(result: unknown): Uint8Array;
  /** What it returned. @throws {GhostError} `BAD_REQUEST`, `PAYLOAD_TOO_LARGE`. */
  readResult(bytes: Uint8Array): unknown;
}

/** Values that stand for something of the instance, which the program's process does not have. */
const BOUND: ReadonlySet<unknown> = new Set(["own", "borrow", "stream", "future"]);

/**
 * The codec of the import `name` with that signature.
 *
 * @throws {GhostError} `UNSUPPORTED_SIGNATURE` when it passes anything but values: a resource, a stream, a future.
 */
export function importCodec(name: string, signature: FunctionSignature): ImportCodec {
  return isComponentSignature(signature) ? typedCodec(name, signature) : numberCodec(name, signature);
}

function typedCodec(name: string, signature: ComponentSignature): ImportCodec {
  const bound = signature.types.find(([kind]) => BOUND.has(kind));
  if (bound !== undefined) {
    const what = bound[0] === "own" || bound[0] === "borrow" ? "resource" : bound[0];
    throw new GhostError(
      "UNSUPPORTED_SIGNATURE",
      `Cannot provide ${
        showName(name)
      }: it passes a ${what}, and a program provides functions of values only, ` +
        "unless the module is in its own process",
    );
  }
  const codec = prepareComponentCodec(name, signature);
  const options = { ahead: 0, whole: 0 };
  return {
    writeArguments: (args) => codec.writeArguments(name, args, options),
    readArguments: (bytes) => codec.readArguments(whole(bytes)).values,
    writeResult: (result) => {
      try {
        return codec.writeResult(name, result, options);
      } catch (error) {
        const { code, message } = GhostError.from(error);
        throw code === "INTERNAL" ? new GhostError("BAD_ARGUMENTS", message) : error;
      }
    },
    readResult: (bytes) => codec.readResult(whole(bytes)),
  };
}

function numberCodec(name: string, { parameters, results }: CallableSignature): ImportCodec {
  const [taken, returned] = [prepareCodec(parameters), prepareCodec(results)];
  const types = results.map(describeType);
  const write = (codec: typeof taken, values: readonly unknown[]) => {
    const bytes = new Uint8Array(codec.byteLength(values));
    codec.write(new DataView(bytes.buffer), 0, values);
    return bytes;
  };
  const read = (codec: typeof taken, bytes: Uint8Array) => codec.read(whole(bytes).view, 0, bytes.length);
  return {
    writeArguments: (args) => write(taken, args),
    readArguments: (bytes) => read(taken, bytes),
    writeResult: (result) => {
      const values = valuesOf(result, results.length);
      if (!Array.isArray(values)) throw wrongResult(name, results);
      try {
        checkArguments(name, { parameters: results, results: [] }, values);
      } catch {
        throw wrongResult(name, results);
      }
      return write(returned, values.map((value, i) => types[i]!.convert(value)));
    },
    readResult: (bytes) => resultOf(read(returned, bytes)),
  };
}

function wrongResult(name: string, results: readonly string[]): GhostError {
  const expected = results.length === 1 ? `an ${results[0]}` : `[${results.join(", ")}]`;
  return new GhostError(
    "BAD_ARGUMENTS",
    `Cannot return from ${showName(name)}: its result is not ${expected}`,
  );
}

function whole(bytes: Uint8Array) {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  return { bytes, view, start: 0, end: bytes.length };
}
