// Core modules that import functions which a program provides.
import { moduleBytes, nameBytes } from "../../gmp/fixtures/module_bytes.ts";

export const I32 = 0x7f;
export const I64 = 0x7e;

/** A module that exports `f`, which calls the function `name` of `module` with its parameter. */
export function calling(module: string, name: string, type: number): Uint8Array<ArrayBuffer> {
  return moduleBytes(
    [1, 1, 0x60, 1, type, 1, type],
    [2, 1, ...nameBytes(module), ...nameBytes(name), 0, 0],
    [3, 1, 0],
    [7, 1, ...nameBytes("f"), 0, 1],
    [10, 1, 6, 0, 0x20, 0, 0x10, 0, 0x0b],
  );
}

/** A plug-in whose `f` returns what `shout` of the program makes of its input. */
export const SHOUTING: Uint8Array<ArrayBuffer> = moduleBytes(
  [1, 4, 0x60, 1, I64, 1, I64, 0x60, 0, 1, I64, 0x60, 2, I64, I64, 0, 0x60, 0, 1, I32],
  [
    2,
    4,
    ...[...nameBytes("extism:host/user"), ...nameBytes("shout"), 0, 0],
    ...[...nameBytes("extism:host/env"), ...nameBytes("input_offset"), 0, 1],
    ...[...nameBytes("extism:host/env"), ...nameBytes("length"), 0, 0],
    ...[...nameBytes("extism:host/env"), ...nameBytes("output_set"), 0, 2],
  ],
  [3, 1, 3],
  [7, 1, ...nameBytes("f"), 0, 4],
  // output_set(block = shout(input_offset()), length(block)); 0
  [10, 1, 20, 1, 1, I64, 0x10, 1, 0x10, 0, 0x21, 0, 0x20, 0, 0x20, 0, 0x10, 2, 0x10, 3, 0x41, 0, 0x0b],
);

/** A program whose `_start` exits with what `host.code` returns for 7. */
export const EXITING: Uint8Array<ArrayBuffer> = moduleBytes(
  [1, 3, 0x60, 1, I32, 1, I32, 0x60, 1, I32, 0, 0x60, 0, 0],
  [
    2,
    2,
    ...[...nameBytes("host"), ...nameBytes("code"), 0, 0],
    ...[...nameBytes("wasi_snapshot_preview1"), ...nameBytes("proc_exit"), 0, 1],
  ],
  [3, 1, 2],
  [7, 1, ...nameBytes("_start"), 0, 2],
  [10, 1, 8, 0, 0x41, 7, 0x10, 0, 0x10, 1, 0x0b],
);
