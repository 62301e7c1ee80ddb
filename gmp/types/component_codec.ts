import {
  enumCodec,
  flagsCodec,
  optionCodec,
  recordCodec,
  resourceCodec,
  tupleCodec,
  variantCodec,
} from "./_compound_codecs.ts";
import { listCodec, mapCodec } from "./_list_codecs.ts";
import { type NodeCodec, PRIMITIVE_CODECS } from "./_primitive_codecs.ts";
import type { ComponentSignature, TypeNode, TypeReference } from "./component_types.ts";
import { GhostError } from "../errors.ts";
import { Misfit } from "./misfit.ts";
import { showName } from "./quote.ts";
import { streamCodec } from "./_stream_codecs.ts";
import type { StreamTable } from "./stream_table.ts";
import type { ResourceTable } from "./resource_table.ts";
import { formatType } from "./type_text.ts";
import { type TakenResource, unreadable, type ValueBytes, ValueReader } from "./value_reader.ts";
import { ValueWriter } from "./value_writer.ts";

/** Values that were read, and about how many bytes of memory they take. */
interface DecodedValues {
  /** The values. */
  readonly values: unknown[];
  /** Bytes of memory. */
  readonly cost: number;
  /** Resources that were given to this side with them, to be put back if nothing comes of it. */
  readonly taken: readonly TakenResource[];
}

/** Writes and reads the arguments and the result of one function of a component (docs/protocol.md, "CALL and RESULT"). */
export interface ComponentCodec {
  /** Whether streams or futures may be among the values. */
  readonly passesStreams: boolean;
  /**
   * The arguments as bytes, `ahead` bytes before them left to the caller. They are valid until the next values are
   * written, unless they are longer than `whole`, or `whole` is 0.
   *
   * @throws {GhostError} `BAD_ARGUMENTS` naming the first value that does not fit and where it is; `PAYLOAD_TOO_LARGE`.
   */
  writeArguments(name: string, args: readonly unknown[], options: WriteOptions): Uint8Array<ArrayBuffer>;
  /** Reads the arguments. @throws {GhostError} `BAD_REQUEST`, `PAYLOAD_TOO_LARGE`, `RESOURCE_GONE`. */
  readArguments(from: ValueBytes, resources?: ResourceTable, streams?: StreamTable): DecodedValues;
  /** The result as bytes, as {@linkcode ComponentCodec.writeArguments} gives them. @throws {GhostError} `TRAP`. */
  writeResult(name: string, result: unknown, options: WriteOptions): Uint8Array<ArrayBuffer>;
  /** Reads the result; `undefined` if there is none. @throws as `readArguments`. */
  readResult(from: ValueBytes, resources?: ResourceTable, streams?: StreamTable): unknown;
}

/** How values are written. */
interface WriteOptions {
  /** Bytes to leave ahead of them. */
  readonly ahead: number;
  /** Longer ones are in a buffer of their own. */
  readonly whole: number;
  /** Resolves resources. */
  readonly resources?: ResourceTable | undefined;
  /** Numbers streams. */
  readonly streams?: StreamTable | undefined;
  /** Gets what stands for the resources that are given away. */
  readonly given?: object[] | undefined;
}

/**
 * A codec for the functions with that signature, which was checked: one codec for each node of its table, however often
 * the node is used.
 *
 * @throws {GhostError} `UNSUPPORTED_SIGNATURE` naming the first type that has no values on the wire.
 */
export function prepareComponentCodec(name: string, signature: ComponentSignature): ComponentCodec {
  const { types, parameters, result } = signature;
  const nodes: NodeCodec[] = [];
  const codecOf = (type: TypeReference): NodeCodec => {
    const codec = typeof type === "number"
      ? nodes[type]
      : type === "error-context"
      ? undefined
      : PRIMITIVE_CODECS[type];
    if (codec !== undefined) return codec;
    throw new GhostError(
      "UNSUPPORTED_SIGNATURE",
      `Cannot call ${showName(name)}: a value of type ${
        formatType(types, type)
      } cannot be passed between nodes yet`,
    );
  };
  for (const [index, node] of types.entries()) nodes.push(nodeCodec(node, index, types, codecOf));
  return new SignatureCodec(
    signature,
    parameters.map(([, type]) => codecOf(type)),
    result === null ? undefined : codecOf(result),
  );
}

/** The codec of node `index`. */
function nodeCodec(
  node: TypeNode,
  index: number,
  types: readonly TypeNode[],
  codecOf: (type: TypeReference) => NodeCodec,
): NodeCodec {
  const perhaps = (type: TypeReference | null) => type === null ? null : codecOf(type);
  const isOption = (type: TypeReference | null) => typeof type === "number" && types[type]![0] === "option";
  switch (node[0]) {
    case "list":
      return listCodec(node[1], codecOf(node[1]), node[2]);
    case "record":
      return recordCodec(
        node[1].map(([label, type]) => [label, codecOf(type)]),
        node[1].some(([, type]) => isOption(type)),
      );
    case "tuple":
      return tupleCodec(node[1].map(codecOf));
    case "variant":
      return variantCodec(node[1].map(([label, type]) => [label, perhaps(type)]));
    case "enum":
      return enumCodec(node[1]);
    case "option":
      return optionCodec(codecOf(node[1]), isOption(node[1]));
    case "result":
      return variantCodec([["ok", perhaps(node[1])], ["err", perhaps(node[2])]], "result");
    case "flags":
      return flagsCodec(node[1]);
    case "map":
      return mapCodec(codecOf(node[1]), codecOf(node[2]));
    case "own":
    case "borrow":
      return resourceCodec(node[1], node[0] === "own");
    case "stream":
    case "future": {
      const [kind, element] = node;
      return streamCodec({ kind, element, codec: perhaps(element) }, formatType(types, index));
    }
  }
}

/** The writer that is not in use: a getter of an argument may write other values. */
let idle: ValueWriter | undefined;

class SignatureCodec implements ComponentCodec {
  readonly passesStreams: boolean;
  readonly #signature: ComponentSignature;
  readonly #parameters: readonly NodeCodec[];
  readonly #result: NodeCodec | undefined;

  constructor(
    signature: ComponentSignature,
    parameters: readonly NodeCodec[],
    result: NodeCodec | undefined,
  ) {
    this.passesStreams = signature.types.some(([kind]) => kind === "stream" || kind === "future");
    this.#signature = signature;
    this.#parameters = parameters;
    this.#result = result;
  }

  writeArguments(name: string, args: readonly unknown[], options: WriteOptions): Uint8Array<ArrayBuffer> {
    const codecs = this.#parameters;
    if (args.length !== codecs.length) throw this.#wrongCount(name, args.length);
    let i = 0;
    try {
      return written(options, (out) => {
        for (; i < codecs.length; i++) codecs[i]!.write(out, args[i]);
      });
    } catch (error) {
      throw error instanceof Misfit ? doesNotFit(name, i + 1, error) : error;
    }
  }

  readArguments(from: ValueBytes, resources?: ResourceTable, streams?: StreamTable): DecodedValues {
    const reader = new ValueReader(from, resources, streams);
    return {
      values: read(reader, () => this.#parameters.map((codec) => codec.read(reader))),
      cost: reader.cost,
      taken: reader.taken,
    };
  }

  writeResult(name: string, result: unknown, options: WriteOptions): Uint8Array<ArrayBuffer> {
    try {
      return written(options, (out) => this.#result?.write(out, result));
    } catch (error) {
      if (!(error instanceof Misfit)) throw error;
      throw new GhostError(
        "INTERNAL",
        `Cannot return from ${showName(name)}: ${whereIs("its result", error)}`,
      );
    }
  }

  readResult(from: ValueBytes, resources?: ResourceTable, streams?: StreamTable): unknown {
    const reader = new ValueReader(from, resources, streams);
    return read(reader, () => this.#result?.read(reader));
  }

  #wrongCount(name: string, given: number): GhostError {
    const { types, parameters } = this.#signature;
    const { length } = parameters;
    const list = parameters.map(([label, type]) => `${label}: ${formatType(types, type)}`).join(", ");
    const takes = length === 0
      ? "no arguments"
      : `${length === 1 ? "1 argument" : `${length} arguments`} (${list})`;
    return new GhostError("BAD_ARGUMENTS", `Cannot call ${showName(name)}: it takes ${takes}, not ${given}`, {
      details: { expected: length, given },
    });
  }
}

function written(
  { ahead, whole, resources, streams, given }: WriteOptions,
  write: (out: ValueWriter) => void,
): Uint8Array<ArrayBuffer> {
  const out = idle ?? new ValueWriter();
  idle = undefined;
  out.begin(ahead, resources, streams);
  try {
    write(out);
    if (given !== undefined) { for (const [value] of out.given) given.push(value); }
    return out.end(out.length > whole);
  } catch (error) {
    out.undo();
    out.end(false);
    throw error;
  } finally {
    idle = out;
  }
}

function read<T>(reader: ValueReader, values: () => T): T {
  try {
    const all = values();
    if (reader.left > 0) throw unreadable(`${reader.left} bytes are left over`);
    return all;
  } catch (error) {
    reader.undo();
    throw error;
  }
}

function doesNotFit(name: string, position: number, misfit: Misfit): GhostError {
  return new GhostError(
    "BAD_ARGUMENTS",
    `Cannot call ${showName(name)}: ${whereIs(`argument ${position}`, misfit)}`,
    { details: { position, expected: misfit.type, ...misfit.path.length > 0 ? { path: misfit.path } : {} } },
  );
}

function whereIs(what: string, { steps, message }: Misfit): string {
  return `${[what, ...steps].join(", ")} is ${message}`;
}
