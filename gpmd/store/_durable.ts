import { systemCode } from "../../gmp/system_error.ts";

/** What a temporary's name ends with. Nothing refers to one, so whoever opens the store may sweep them. */
export const TEMPORARY_SUFFIX = ".tmp";

/** File systems that cannot sync a directory say so with one of these; there is no more to be done on them. */
const CANNOT_SYNC: ReadonlySet<string | undefined> = new Set(["EINVAL", "ENOSYS", "ENOTSUP", "EOPNOTSUPP"]);

/** A new file that only its owner can read. */
export interface Temporary {
  path: string;
  file: Deno.FsFile;
}

/** Makes a file with a name that nothing else has, open to read and write. */
export async function createTemporary(directory: string): Promise<Temporary> {
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
 * Puts `bytes` in the place of the file `name` in `directory`: whoever reads it, also after a power cut, sees the old file
 * or the new one, whole. `onReplaced` is called when the new one is in place, which a failure to sync does not undo.
 */
export async function replaceFile(
  directory: string,
  name: string,
  bytes: Uint8Array,
  onReplaced: () => void,
): Promise<void> {
  const temporary = await createTemporary(directory);
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

/** Removes the file at `path` if it can: what nothing names does no harm, and is swept when the store is opened next. */
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
 * Fills `bytes` from `file`, yielding each part of at most `step` bytes as it comes, while the next one is being read; a
 * shorter file leaves zeros.
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
    await reading.catch(() => {}); // whoever has seen enough may close the file
  }
}
