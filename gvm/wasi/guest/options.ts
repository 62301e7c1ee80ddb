import type { FileSystem } from "../files/file_system.ts";
import type { InputSource, OutputSink } from "../host/streams.ts";

/** A directory that a guest has open from the start. */
export interface Preopen {
  /** The guest's name for it, for example `/` or `/data`. */
  readonly name: string;
  /** The file system whose top it is. */
  readonly fileSystem: FileSystem;
}

/** A guest's arguments, environment, streams and directories, whichever version of WASI it asks for them with. */
export interface WasiOptions {
  /** Its arguments, the first being its own name. */
  readonly args: readonly string[];
  /** Its environment; empty by default. */
  readonly env?: Readonly<Record<string, string>>;
  /** Its standard input; empty by default. */
  readonly stdin?: InputSource;
  /** Its standard output. */
  readonly stdout: OutputSink;
  /** Its standard error. */
  readonly stderr: OutputSink;
  /** Its directories, in preview 1 open as descriptors 3 and up; none by default. */
  readonly preopens?: readonly Preopen[];
  /**
   * Whether it can wait (the default): it is called through `WebAssembly.promising`, and the functions that may wait are
   * wrapped with `WebAssembly.Suspending`. Otherwise what would have to wait fails, and output does not pause the guest.
   */
  readonly blocking?: boolean;
}

/** Each directory with the number of its file system among those of the guest, from 1 on. */
export function numberDevices(
  preopens: readonly Preopen[] = [],
): readonly (Preopen & { readonly device: number })[] {
  const devices = [...new Set(preopens.map(({ fileSystem }) => fileSystem))];
  return preopens.map((preopen) => ({ ...preopen, device: devices.indexOf(preopen.fileSystem) + 1 }));
}

/** Throws a `TypeError` for an argument that no program can be given. */
export function checkArgument(text: string): void {
  if (text.includes("\0")) throw new TypeError(`Cannot give "${text}" to a program: it has a zero byte`);
}

/** Throws a `TypeError` for a variable that no program can be given. */
export function checkVariable(name: string, value: string): void {
  if (name === "" || name.includes("=")) {
    throw new TypeError(`Cannot set the variable "${name}": it is not a valid name`);
  }
  checkArgument(`${name}=${value}`);
}
