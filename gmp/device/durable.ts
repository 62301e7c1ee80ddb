import { systemCode } from "../system_error.ts";

/** The end of a temporary file's name. Nothing refers to such files, so whoever opens the store may sweep them. */
export const TEMPORARY_SUFFIX = ".tmp";

/** The errors of file systems that cannot sync a directory; on them, nothing more can be done. */
const CANNOT_SYNC: ReadonlySet<string | undefined> = new Set(["EINVAL", "ENOSYS", "ENOTSUP", "EOPNOTSUPP"]);

/** A new file that only its owner can read. */
export interface TemporaryFile {
  path: string;
  file: Deno.FsFile;
}

/** Makes a file with a unique name, open to read and write. */
export async function createTemporaryFile(directory: string): Promise<TemporaryFile> {
  const path = `${directory}/${crypto.randomUUID()}${TEMPORARY_SUFFIX}`;
  const file = await Deno.open(path, { createNew: true, read: true, write: true, mode: 0o600 });
  return { path, file };
}

/** Writes all of `bytes`; a single `write` may take fewer. */
export async function writeAll(file: Deno.FsFile, bytes: Uint8Array): Promise<void> {
  for (let written = 0; written < bytes.length;) written += await file.write(bytes.subarray(written));
}

/** Returns once the names in `directory` would survive a power cut. */
export async function syncDirectory(directory: string): Promise<void> {
  if (Deno.build.os === "windows") return; // opens no directories
  using handle = await Deno.open(directory);
  try {
    await handle.sync();
  } catch (error) {
    if (!CANNOT_SYNC.has(systemCode(error))) throw error;
  }
}

/**
 * Replaces the file `name` in `directory` with `bytes`: readers see the old file or the new one, whole, even after a
 * power cut. `onReplaced` is called when the new one is there, which a failure to sync does not undo.
 */
export async function replaceFile(
  directory: string,
  name: string,
  bytes: Uint8Array,
  onReplaced: () => void,
): Promise<void> {
  const temporary = await createTemporaryFile(directory);
  try {
    using file = temporary.file;
    await writeAll(file, bytes);
    await file.sync();
    await Deno.rename(temporary.path, `${directory}/${name}`);
  } catch (error) {
    await tryRemove(temporary.path);
    throw error;
  }
  onReplaced();
  await syncDirectory(directory);
}

/** Removes the file at `path` if it can: a file that nothing names does no harm, and the next opening sweeps it. */
export async function tryRemove(path: string): Promise<void> {
  await Deno.remove(path).catch(() => {});
}

/** What is at `path`, not following a symbolic link; `undefined` when nothing is. */
export async function statIfThere(path: string): Promise<Deno.FileInfo | undefined> {
  try {
    return await Deno.lstat(path);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return undefined;
    throw error;
  }
}

/**
 * Fills `bytes` from `file` and yields each part, of at most `step` bytes, while it reads the next; a shorter file
 * leaves zeros.
 */
export async function* readInto(
  bytes: Uint8Array<ArrayBuffer>,
  file: Deno.FsFile,
  step: number,
): AsyncGenerator<Uint8Array<ArrayBuffer>> {
  const readFrom = (start: number) =>
    start < bytes.length ? file.read(bytes.subarray(start, start + step)) : Promise.resolve(null);
  let reading = readFrom(0);
  try {
    for (let start = 0;;) {
      const count = await reading;
      if (count === null) return;
      reading = readFrom(start + count);
      yield bytes.subarray(start, start + count);
      start += count;
    }
  } finally {
    await reading.catch(() => {}); // a reader that has seen enough may close the file
  }
}
