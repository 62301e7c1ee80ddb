import { assertEquals } from "@std/assert";
import { ERRNO } from "../../../gvm/wasi/host/errno.ts";
import { FileSystem, Wasi, type WasiOptions } from "../../../gvm/wasi/mod.ts";
import { ALL_RIGHTS, DIRECTORY_RIGHTS } from "../../../gvm/wasi/preview1/rights.ts";

/** The descriptor of the first directory that a guest is given. */
export const ROOT = 3;

/** Every right, as a guest asks for them. */
const ALL = BigInt(ALL_RIGHTS);

/** WASI called as a guest would call it, with a memory of one page and an empty file system at `/`. */
export class Host {
  readonly memory = new WebAssembly.Memory({ initial: 1, maximum: 2 });
  readonly fileSystem: FileSystem = new FileSystem();
  readonly written: Uint8Array[] = [];
  readonly wasi: Wasi;
  #free = 1024;

  constructor(options: Partial<WasiOptions> = {}) {
    const sink = { write: (bytes: Uint8Array) => void this.written.push(bytes.slice()) };
    this.wasi = new Wasi({
      args: ["program"],
      stdout: sink,
      stderr: sink,
      preopens: [{ name: "/", fileSystem: this.fileSystem }],
      ...options,
    });
    this.wasi.bind(this.memory);
  }

  /** Calls a function that does not have to wait, and returns its errno. */
  call(name: string, ...args: (number | bigint)[]): number {
    const errno = this.wasi.functions[name]!(...args);
    if (typeof errno !== "number") throw new Error(`${name} waits`);
    return errno;
  }

  /** Calls a function that has to wait. */
  wait(name: string, ...args: (number | bigint)[]): Promise<number> {
    const errno = this.wasi.functions[name]!(...args);
    if (typeof errno === "number") throw new Error(`${name} does not wait, its errno is ${errno}`);
    return errno;
  }

  /** Calls a function that succeeds. */
  ok(name: string, ...args: (number | bigint)[]): void {
    assertEquals(this.call(name, ...args), ERRNO.SUCCESS, `${name}(${args.join(", ")})`);
  }

  /** A piece of memory that is used for nothing else. */
  allocate(length: number): number {
    const pointer = this.#free;
    this.#free = (this.#free + length + 7) & ~7;
    return pointer;
  }

  /** Puts bytes, or a text, into memory: its pointer and its length. */
  put(content: string | Uint8Array): [number, number] {
    const bytes = typeof content === "string" ? new TextEncoder().encode(content) : content;
    const pointer = this.allocate(bytes.length);
    this.bytes(pointer, bytes.length).set(bytes);
    return [pointer, bytes.length];
  }

  /** Puts an array of buffers into memory: its pointer and its count. */
  buffers(...parts: (readonly [pointer: number, length: number])[]): [number, number] {
    const pointer = this.allocate(parts.length * 8);
    const view = new DataView(this.memory.buffer);
    parts.forEach(([start, length], index) => {
      view.setUint32(pointer + index * 8, start, true);
      view.setUint32(pointer + index * 8 + 4, length, true);
    });
    return [pointer, parts.length];
  }

  bytes(pointer: number, length: number): Uint8Array {
    return new Uint8Array(this.memory.buffer, pointer, length);
  }

  text(pointer: number, length: number): string {
    return new TextDecoder().decode(this.bytes(pointer, length));
  }

  view(pointer: number, length: number): DataView {
    return new DataView(this.memory.buffer, pointer, length);
  }

  u32(pointer: number): number {
    return this.view(pointer, 4).getUint32(0, true);
  }

  u64(pointer: number): bigint {
    return this.view(pointer, 8).getBigUint64(0, true);
  }

  /** Opens a path, and returns the errno and the descriptor, one that does not exist for a failure. */
  open(
    path: string,
    { from = ROOT, lookup = 0, openFlags = 0, rights = ALL, inheriting = ALL, flags = 0 } = {},
  ): { errno: number; fd: number } {
    const result = this.allocate(4);
    const errno = this.call(
      "path_open",
      from,
      lookup,
      ...this.put(path),
      openFlags,
      rights,
      inheriting,
      flags,
      result,
    );
    return { errno, fd: errno === ERRNO.SUCCESS ? this.u32(result) : 2 ** 31 - 1 };
  }

  /** Opens a directory that is there, and returns its descriptor. */
  directory(path: string, rights: number = DIRECTORY_RIGHTS, inheriting: bigint = ALL): number {
    const { errno, fd } = this.open(path, { rights: BigInt(rights), inheriting });
    assertEquals(errno, ERRNO.SUCCESS, `opening ${path}`);
    return fd;
  }

  /** Makes a file with contents, and returns a descriptor of it. */
  create(path: string, contents = ""): number {
    const { errno, fd } = this.open(path, { openFlags: 1 });
    assertEquals(errno, ERRNO.SUCCESS, `creating ${path}`);
    if (contents !== "") assertEquals(this.write(fd, contents).errno, ERRNO.SUCCESS);
    return fd;
  }

  /** Writes a text to a descriptor. */
  write(fd: number, text: string): { errno: number; count: number } {
    const result = this.allocate(4);
    const errno = this.call("fd_write", fd, ...this.buffers(this.put(text)), result);
    return { errno, count: this.u32(result) };
  }

  /** Reads a text of up to `length` bytes from a descriptor. */
  read(fd: number, length: number): { errno: number; text: string } {
    const result = this.allocate(4);
    const pointer = this.allocate(length);
    const errno = this.call("fd_read", fd, ...this.buffers([pointer, length]), result);
    return { errno, text: this.text(pointer, this.u32(result)) };
  }

  /** Everything written to the standard streams so far. */
  output(): string {
    return this.written.map((bytes) => new TextDecoder().decode(bytes)).join("");
  }
}
