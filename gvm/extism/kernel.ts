import { GhostError } from "../../gmp/errors.ts";
import { MAX_VALUE_BYTES } from "../../gmp/types/value_writer.ts";
import { KERNEL_BYTES } from "./kernel_bytes.ts";

/** The kernel's functions (kernel.wat); offsets and lengths are unsigned, whatever sign they come with. */
interface KernelExports extends Record<string, WebAssembly.ExportValue> {
  alloc(length: bigint): bigint;
  free(offset: bigint): void;
  length(offset: bigint): bigint;
  input_set(offset: bigint, length: bigint): void;
  output_offset(): bigint;
  output_length(): bigint;
  error_get(): bigint;
  error_set(offset: bigint): void;
  reset(): void;
}

let compiled: WebAssembly.Module | undefined;

/** The memory that a plug-in shares with its host, seen from the host. Everything in it is the plug-in's word. */
export class Kernel {
  readonly #memory: WebAssembly.Memory;
  /** Its functions, which a plug-in may call. */
  readonly functions: Readonly<Record<string, WebAssembly.ExportValue>>;
  readonly #kernel: KernelExports;

  /** A kernel with `memory`, which is empty. */
  constructor(memory: WebAssembly.Memory) {
    compiled ??= new WebAssembly.Module(KERNEL_BYTES);
    this.#memory = memory;
    this.#kernel = new WebAssembly.Instance(compiled, { host: { memory } }).exports as KernelExports;
    this.functions = this.#kernel;
  }

  /** Forgets all that is in the memory, and makes `bytes` the input. @throws {GhostError} `MEMORY_LIMIT`. */
  begin(bytes: Uint8Array): void {
    this.#kernel.reset();
    if (bytes.length > 0) this.#kernel.input_set(this.write(bytes), BigInt(bytes.length));
  }

  /** The offset of a new block that holds `bytes`, 0 for none. @throws {GhostError} `MEMORY_LIMIT` without room. */
  write(bytes: Uint8Array): bigint {
    const offset = this.#kernel.alloc(BigInt(bytes.length));
    if (offset !== 0n) {
      new Uint8Array(this.#memory.buffer).set(bytes, Number(offset));
    } else if (bytes.length > 0) {
      throw new GhostError(
        "MEMORY_LIMIT",
        `The plug-in's memory of ${this.#memory.buffer.byteLength} bytes has no room for ${bytes.length} more`,
      );
    }
    return offset;
  }

  /**
   * A copy of what the block at `offset` holds, which is then free; `what` it is. Offset 0 stands for no bytes.
   *
   * @throws {Error} When there is no such block, or it holds more than `limit` bytes.
   */
  take(offset: bigint, what: string, limit: number): Uint8Array {
    if (offset === 0n) return new Uint8Array();
    const length = this.#kernel.length(offset);
    if (length === 0n) {
      throw new Error(`it gave the offset ${BigInt.asUintN(64, offset)} for ${what}, where no block is`);
    }
    if (length > limit) {
      throw new Error(`it gave ${length} bytes for ${what}, above the limit of ${limit} bytes`);
    }
    const bytes = this.#copy(offset, length);
    this.#kernel.free(offset);
    return bytes;
  }

  /** A copy of what the block at `offset` holds; of no bytes where no block is. */
  read(offset: bigint): Uint8Array {
    return this.#copy(offset, this.#kernel.length(offset));
  }

  /** A copy of the output. @throws {GhostError} `PAYLOAD_TOO_LARGE` when it has more than {@linkcode MAX_VALUE_BYTES}. */
  output(): Uint8Array {
    const length = BigInt.asUintN(64, this.#kernel.output_length());
    if (length > MAX_VALUE_BYTES) {
      throw new GhostError(
        "PAYLOAD_TOO_LARGE",
        `The plug-in's output has ${length} bytes, above the limit of ${MAX_VALUE_BYTES} bytes`,
      );
    }
    return this.#copy(this.#kernel.output_offset(), length);
  }

  /** The error's message, if there is an error; one of more than `limit` bytes is cut. */
  error(limit: number): string | undefined {
    const offset = this.#kernel.error_get();
    const length = this.#kernel.length(offset);
    if (length === 0n) return undefined;
    const text = new TextDecoder().decode(this.#copy(offset, length < limit ? length : BigInt(limit)));
    return length > limit ? `${text}…` : text;
  }

  /** A copy of bytes of which only their offset may be trusted to be in the memory. */
  #copy(offset: bigint, length: bigint): Uint8Array {
    const start = Number(BigInt.asUintN(64, offset));
    const { buffer } = this.#memory;
    const end = Math.min(start + Number(BigInt.asUintN(64, length)), buffer.byteLength);
    return new Uint8Array(buffer).slice(start, end);
  }
}
