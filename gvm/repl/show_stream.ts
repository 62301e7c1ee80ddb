import type { ComponentSignature, TypeReference } from "../../gmp/types/component_types.ts";
import { type FunctionSignature, isComponentSignature } from "../../gmp/types/function_signature.ts";
import { printWave, type WaveOptions } from "../../gmp/types/wave/print_wave.ts";
import { settledValue } from "../../gmp/types/settled_value.ts";
import { okType } from "./result.ts";

/** Where a stream is shown. */
interface StreamOptions {
  /** How its elements are printed. */
  readonly printing: WaveOptions;
  /** Whether text is written as it is. */
  readonly raw: boolean;
  /** Writes bytes. */
  write(bytes: Uint8Array): void;
  /** Prints an element on a line of its own. */
  print(text: string): void;
}

/** The type of the elements of a stream that a function returns as its result: `undefined` if it returns anything else. */
export function streamedType(signature: FunctionSignature): TypeReference | null | undefined {
  if (!isComponentSignature(signature)) return undefined;
  const type = okType(signature);
  const node = typeof type === "number" ? signature.types[type]! : undefined;
  return node?.[0] === "stream" ? node[1] : undefined;
}

/** What is shown of any other result: streams and futures in it as a whole. */
export async function settledResult(result: unknown, signature: FunctionSignature): Promise<unknown> {
  return isComponentSignature(signature) && passesStreams(signature) ? await settledValue(result) : result;
}

/** Shows the elements of a stream as they come: bytes as they are, anything else line by line. */
export async function showStream(
  stream: ReadableStream,
  element: TypeReference | null,
  { types }: Pick<ComponentSignature, "types">,
  { printing, raw, write, print }: StreamOptions,
): Promise<void> {
  let isLineEnded = true;
  for await (const piece of stream) {
    if (element === "u8") {
      const bytes = piece as Uint8Array;
      isLineEnded = bytes[bytes.length - 1] === 10;
      write(bytes);
    } else if (ArrayBuffer.isView(piece)) {
      for (const number of piece as unknown as Iterable<unknown>) {
        print(printWave(number, element!, types, printing));
      }
    } else if (raw && typeof piece === "string") write(new TextEncoder().encode(piece));
    else print(element === null ? "_" : printWave(await settledValue(piece), element, types, printing));
  }
  if (!isLineEnded && !raw) write(Uint8Array.of(10));
}

function passesStreams({ types }: ComponentSignature): boolean {
  return types.some(([kind]) => kind === "stream" || kind === "future");
}
