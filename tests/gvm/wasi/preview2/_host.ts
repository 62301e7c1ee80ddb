import { assertEquals } from "@std/assert";
import { ComponentWasi, FileSystem, type WasiOptions } from "../../../../gvm/wasi/mod.ts";

/** A WIT result, as the functions return it. */
type Returned = { readonly tag: "ok" | "err"; readonly val: unknown };

export const NO_PATH_FLAGS = { symlinkFollow: false };
export const FOLLOW = { symlinkFollow: true };
export const NO_OPEN_FLAGS = { create: false, directory: false, exclusive: false, truncate: false };

/** WASI of a version, 0.2 by default, called as a linker would call it for a guest, with an empty file system at `/`. */
export class Host {
  readonly fileSystem: FileSystem = new FileSystem();
  readonly written: Uint8Array[] = [];
  readonly wasi: ComponentWasi;

  constructor(options: Partial<WasiOptions> = {}, readonly version: "0.2" | "0.3" = "0.2") {
    const sink = { write: (bytes: Uint8Array) => void this.written.push(bytes.slice()) };
    this.wasi = new ComponentWasi({
      args: ["program"],
      stdout: sink,
      stderr: sink,
      preopens: [{ name: "/", fileSystem: this.fileSystem }],
      ...options,
    });
  }

  /** Calls the function `name` of the interface `wasi:` `where`. */
  call(where: string, name: string, ...args: unknown[]): unknown {
    const found = this.interface(where).functions[name];
    if (found === undefined) throw new Error(`no function ${name} in ${where}`);
    return found(...args);
  }

  /** The value of a result that is fine. */
  ok(where: string, name: string, ...args: unknown[]): unknown {
    const { tag, val } = this.call(where, name, ...args) as Returned;
    assertEquals(tag, "ok", `${where} ${name}: ${Deno.inspect(val)}`);
    return val;
  }

  /** The value of a result that is an error. */
  err(where: string, name: string, ...args: unknown[]): unknown {
    const { tag, val } = this.call(where, name, ...args) as Returned;
    assertEquals(tag, "err", `${where} ${name}`);
    return val;
  }

  /** What dropping the handle of a resource does. */
  drop(where: string, resource: string, value: unknown): void {
    this.interface(where).resources![resource]!.drop?.(value as object);
  }

  interface(where: string) {
    const found = Object.entries(this.wasi.interfaces).find(([name]) =>
      name.startsWith(`wasi:${where}@${this.version}`)
    );
    if (found === undefined) throw new Error(`no interface ${where}`);
    return found[1];
  }

  /** The directory `/`. */
  root(): unknown {
    const [[root]] = this.call("filesystem/preopens", "get-directories") as [[unknown, string]];
    return root;
  }

  /** Calls a method of `descriptor` that succeeds. */
  file(name: string, descriptor: unknown, ...args: unknown[]): unknown {
    return this.ok("filesystem/types", `[method]descriptor.${name}`, descriptor, ...args);
  }

  /** Calls a method of `descriptor` that fails, and gives its error code. */
  fileError(name: string, descriptor: unknown, ...args: unknown[]): unknown {
    return this.err("filesystem/types", `[method]descriptor.${name}`, descriptor, ...args);
  }

  /** Opens a path to read and write, making a file there. */
  create(path: string, from: unknown = this.root()): unknown {
    const flags = { ...NO_OPEN_FLAGS, create: true };
    return this.file("open-at", from, NO_PATH_FLAGS, path, flags, { read: true, write: true });
  }

  /** Everything written to the standard streams so far. */
  output(): string {
    return this.written.map((bytes) => new TextDecoder().decode(bytes)).join("");
  }
}

export function bytes(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}

export function text(bytes: unknown): string {
  return new TextDecoder().decode(bytes as Uint8Array);
}
