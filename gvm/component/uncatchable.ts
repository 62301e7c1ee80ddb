/** (module (func (export "trap") unreachable)) */
const TRAP = Uint8Array.of(
  ...[0, 0x61, 0x73, 0x6d, 1, 0, 0, 0],
  ...[1, 4, 1, 0x60, 0, 0, 3, 2, 1, 0],
  ...[7, 8, 1, 4, 0x74, 0x72, 0x61, 0x70, 0, 0, 10, 5, 1, 3, 0, 0, 0x0b],
);

let trap: (() => void) | undefined;

/** A trap of WebAssembly: what a guest cannot catch, so that it runs no more when its stack is unwound with it. */
export function uncatchable(): unknown {
  trap ??= new WebAssembly.Instance(new WebAssembly.Module(TRAP)).exports.trap as () => void;
  try {
    return trap();
  } catch (error) {
    return error;
  }
}
