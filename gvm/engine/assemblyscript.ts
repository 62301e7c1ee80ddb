import { GhostError } from "../../gmp/errors.ts";

/** Longest message or file name that is read from a guest, in bytes. */
const LONGEST_TEXT = 1 << 12;

/**
 * The functions that AssemblyScript programs import from `env` (assemblyscript.org, "Host bindings"): `abort`
 * ends the call with its message, `trace` writes a line to standard error, `seed` seeds `Math.random`.
 */
export function assemblyScriptFunctions(
  memoryOf: () => WebAssembly.Memory | undefined,
  writeError: (text: string) => void,
): Record<string, (...args: number[]) => number | void> {
  return {
    abort(message = 0, file = 0, line = 0, column = 0): never {
      const where = readString(memoryOf(), file);
      const location = where === "" ? "" : ` in ${where}:${line}:${column}`;
      throw new GhostError(
        "TRAP",
        `The module aborted: ${readString(memoryOf(), message) || "no message"}${location}`,
      );
    },
    trace(message = 0, count = 0, ...values): void {
      const shown = values.slice(0, Math.max(0, Math.min(count, 5)));
      const rest = shown.length > 0 ? ` ${shown.join(", ")}` : "";
      writeError(`trace: ${readString(memoryOf(), message)}${rest}\n`);
    },
    seed: () => Math.random() * 2 ** 53,
  };
}

/** Reads an AssemblyScript string: UTF-16, with its length in bytes in the four bytes before it. */
function readString(memory: WebAssembly.Memory | undefined, pointer: number): string {
  const start = pointer >>> 0;
  if (memory === undefined || start < 4 || start > memory.buffer.byteLength) return "";
  const length = new DataView(memory.buffer).getUint32(start - 4, true);
  const bytes = Math.min(length, LONGEST_TEXT, memory.buffer.byteLength - start) & ~1;
  return new TextDecoder("utf-16le").decode(new Uint8Array(memory.buffer).slice(start, start + bytes));
}
