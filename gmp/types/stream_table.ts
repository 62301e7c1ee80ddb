import type { GhostError } from "../errors.ts";
import type { TypeReference } from "./component_types.ts";
import type { NodeCodec } from "./_primitive_codecs.ts";

/** The type of a stream or a future, and how its elements pass. */
export interface StreamType {
  /** Which of the two. */
  readonly kind: "stream" | "future";
  /** The type of its elements, or of its value; `null` if they have none. */
  readonly element: TypeReference | null;
  /** Writes and reads one of them. */
  readonly codec: NodeCodec | null;
}

/** The streams and futures of a call as one side knows them: what stands for each, and the u16 number that does on the wire. */
export interface StreamTable {
  /** The number of `value`, which is to be sent; its elements are, when the other side asks for them. @throws {GhostError} `TOO_MANY_REQUESTS`. */
  numberOf(value: unknown, type: StreamType): number;
  /** What was numbered is not sent after all; with a `reason`, nor will it ever be. */
  withdraw(number: number, reason?: GhostError): void;
  /** What stands for the stream or the future of that number. @throws {GhostError} `BAD_REQUEST`, `TOO_MANY_REQUESTS`. */
  valueOf(number: number, type: StreamType): unknown;
}
