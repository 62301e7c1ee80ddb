import type { Context, Functions } from "../context.ts";
import type { GuestMemory } from "../memory.ts";

/**
 * The groups `args_` and `environ_` of `wasi_snapshot_preview1.witx`: the guest's arguments and environment.
 */
export function argsEnvironFunctions({ args, environment, memory }: Context): Functions {
  return {
    /** `args_get`: writes the arguments to `buffer` and a pointer to each to `pointers`. */
    args_get(pointers: number, buffer: number): void {
      writeStrings(memory, args, pointers, buffer);
    },

    /** `args_sizes_get`: the number of arguments, and the bytes of all of them. */
    args_sizes_get(count: number, size: number): void {
      writeSizes(memory, args, count, size);
    },

    /** `environ_get`: writes the variables to `buffer` and a pointer to each to `pointers`. */
    environ_get(pointers: number, buffer: number): void {
      writeStrings(memory, environment, pointers, buffer);
    },

    /** `environ_sizes_get`: the number of variables, and the bytes of all of them. */
    environ_sizes_get(count: number, size: number): void {
      writeSizes(memory, environment, count, size);
    },
  };
}

function writeStrings(
  memory: GuestMemory,
  strings: readonly Uint8Array[],
  pointers: number,
  buffer: number,
): void {
  memory.check(pointers, strings.length * 4);
  memory.check(buffer, totalLength(strings));
  let at = buffer;
  strings.forEach((string, index) => {
    memory.setUint32(pointers + index * 4, at);
    memory.bytes(at, string.length).set(string);
    at += string.length;
  });
}

function writeSizes(memory: GuestMemory, strings: readonly Uint8Array[], count: number, size: number): void {
  memory.check(size, 4);
  memory.setUint32(count, strings.length);
  memory.setUint32(size, totalLength(strings));
}

function totalLength(strings: readonly Uint8Array[]): number {
  return strings.reduce((total, string) => total + string.length, 0);
}
