import { GhostError } from "../gmp/errors.ts";
import { readModule } from "../gmp/module_reader.ts";

/**
 * Returns when `bytes` are a WebAssembly module that this engine accepts. It takes some 3 ms for each MB, and while the
 * engine validates, another 1.4 times the memory of `bytes`.
 *
 * @throws {GhostError} `NOT_A_MODULE` saying what is wrong and where.
 */
export async function checkModule(bytes: Uint8Array<ArrayBuffer>): Promise<void> {
  const isValid = WebAssembly.validate(bytes); // first, so that its memory and the reader's do not add up
  readModule(bytes); // says best what is wrong with a file that is cut off or no module at all
  if (isValid) return;
  try {
    await WebAssembly.compile(bytes); // slower than validate, but tells the reason
  } catch (error) {
    const reason = error instanceof Error
      ? error.message.replace(/^WebAssembly\.compile\(\): /, "")
      : String(error);
    throw new GhostError("NOT_A_MODULE", `Cannot accept the module: ${reason}`);
  }
}
