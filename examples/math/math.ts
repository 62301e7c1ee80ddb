// The module of the first transcripts: a main function that prints a line, and arithmetic on three number types.
// AssemblyScript, not TypeScript. The only import is WASI's fd_write; nothing is allocated, so a module that lives as
// long as a session does not grow.

// @ts-ignore: decorators of functions are AssemblyScript's
@external("wasi_snapshot_preview1", "fd_write")
declare function fd_write(fd: i32, iovecs: usize, count: i32, written: usize): i32;

const STDOUT: i32 = 1;
const LINE_BYTES: i32 = 64;

const line: usize = memory.data(64);
const iovec: usize = memory.data(8, 4);
const written: usize = memory.data(4, 4);

/** Prints `text`, ASCII and shorter than LINE_BYTES, and a newline. */
function print(text: string): void {
  const length = text.length;
  if (length >= LINE_BYTES) unreachable();
  for (let i = 0; i < length; i++) store<u8>(line + i, <u8> text.charCodeAt(i));
  store<u8>(line + length, 0x0a);
  store<u32>(iovec, <u32> line);
  store<u32>(iovec, length + 1, 4);
  fd_write(STDOUT, iovec, 1, written);
}

export function _start(): void {
  print("Reponse from the math module...");
}

/** The only function that prints. Integers wrap around, as everywhere in WebAssembly. */
export function add(a: i32, b: i32): i32 {
  print("Adding Numbers From Wasm...");
  return a + b;
}

export function sub(a: i32, b: i32): i32 {
  return a - b;
}

export function mul(a: i32, b: i32): i32 {
  return a * b;
}

/** Rounds toward zero. Traps when `b` is zero. */
export function div(a: i32, b: i32): i32 {
  return a / b;
}

export function addf(a: f64, b: f64): f64 {
  return a + b;
}

export function add64(a: i64, b: i64): i64 {
  return a + b;
}
