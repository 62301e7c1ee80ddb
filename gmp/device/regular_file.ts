import { GhostError } from "../errors.ts";
import { quotedPath } from "../system_error.ts";
import { systemFault } from "../system_fault.ts";

/** What a file is needed for. */
interface FileUse {
  /** What is done with it, in the infinitive: `"run"`. */
  readonly action: string;
  /** Bytes that it may have at most. */
  readonly limit: number;
}

/** A regular file, open to read. */
interface RegularFile extends Disposable {
  readonly file: Deno.FsFile;
  /** Bytes that it had when it was opened. */
  readonly size: number;
}

/**
 * Opens the regular file at `path`: nothing that has no end (a device), would wait for a writer (a pipe), or is larger
 * than its use allows. It is checked before it is opened, since opening a pipe waits, and again afterwards, since
 * another file may have replaced it.
 *
 * @throws {GhostError} `BAD_ARGUMENTS` when there is no such file or it cannot be read, saying why;
 * `PAYLOAD_TOO_LARGE`; `RESOURCE_EXHAUSTED` when the process has no descriptor left.
 */
export async function openRegularFile(path: string, { action, limit }: FileUse): Promise<RegularFile> {
  const doing = `${action} ${quotedPath(path)}`;
  let file: Deno.FsFile | undefined;
  try {
    checkRegular(await Deno.stat(path), doing, limit);
    file = await Deno.open(path);
    const info = await file.stat();
    checkRegular(info, doing, limit);
    const opened = file;
    return { file, size: info.size, [Symbol.dispose]: () => opened.close() };
  } catch (error) {
    file?.close();
    throw systemFault("BAD_ARGUMENTS", doing, error);
  }
}

/**
 * All bytes of the regular file at `path`, as many as it had when it was opened.
 *
 * @throws {GhostError} as {@linkcode openRegularFile}; `BAD_ARGUMENTS` when its size changed meanwhile.
 */
export async function readRegularFile(path: string, use: FileUse): Promise<Uint8Array<ArrayBuffer>> {
  using opened = await openRegularFile(path, use);
  const { file, size } = opened;
  const doing = `${use.action} ${quotedPath(path)}`;
  try {
    const bytes = new Uint8Array(size);
    let filled = 0;
    while (filled < size) {
      const count = await file.read(bytes.subarray(filled));
      if (count === null) throw changed(doing);
      filled += count;
    }
    if (await file.read(new Uint8Array(1)) !== null) throw changed(doing);
    return bytes;
  } catch (error) {
    throw systemFault("BAD_ARGUMENTS", doing, error);
  }
}

function checkRegular({ isFile, isDirectory, size }: Deno.FileInfo, doing: string, limit: number): void {
  if (isDirectory) throw new GhostError("BAD_ARGUMENTS", `Cannot ${doing}: it is a directory`);
  if (!isFile) throw new GhostError("BAD_ARGUMENTS", `Cannot ${doing}: it is not a regular file`);
  if (size <= limit) return;
  throw new GhostError("PAYLOAD_TOO_LARGE", `Cannot ${doing}: it has ${size} bytes, and may have ${limit}`);
}

function changed(doing: string): GhostError {
  return new GhostError("BAD_ARGUMENTS", `Cannot ${doing}: it was written to while it was read`);
}
