import { dirname, isAbsolute, join, relative, SEPARATOR } from "@std/path";
import { GhostError } from "../../gmp/errors.ts";
import { systemReason } from "../../gmp/system_error.ts";
import type { TreeChanges, TreeEntry } from "../wasi/mod.ts";

/**
 * The tree of files below `host`: directories, files and symbolic links as they are; anything else (a device, a socket) is
 * left out.
 *
 * @throws {GhostError} `BAD_ARGUMENTS` for what cannot be read, `PAYLOAD_TOO_LARGE` past `limit` bytes.
 */
export function readTree(host: string, limit: number): TreeEntry[] {
  const entries: TreeEntry[] = [];
  let left = limit;
  const visit = (directory: string, prefix: string): void => {
    for (const { name } of readable(directory, () => [...Deno.readDirSync(directory)])) {
      const from = join(directory, name);
      const path = prefix + name;
      const { isFile, isDirectory, isSymlink, size, mtime } = readable(from, () => Deno.lstatSync(from));
      const modifiedAt = BigInt(mtime?.getTime() ?? 0) * 1_000_000n;
      if (isSymlink) {
        const target = readable(from, () => Deno.readLinkSync(from));
        entries.push({ type: "link", path, modifiedAt, target });
      } else if (isDirectory) {
        entries.push({ type: "directory", path, modifiedAt });
        visit(from, `${path}/`);
      } else if (isFile) {
        left -= size;
        if (left < 0) {
          throw new GhostError("PAYLOAD_TOO_LARGE", `Cannot load "${host}": it has more than ${limit} bytes`);
        }
        const bytes = readable(from, () => Deno.readFileSync(from));
        entries.push({ type: "file", path, modifiedAt, bytes });
      }
    }
  };
  visit(host, "");
  return entries;
}

function readable<T>(path: string, read: () => T): T {
  try {
    return read();
  } catch (error) {
    throw new GhostError("BAD_ARGUMENTS", `Cannot load "${path}": ${systemReason(error)}`, { cause: error });
  }
}

/**
 * Does to the directory `host` what was done to its copy. Paths come from a guest: whatever would leave `host`, through a
 * symbolic link too, is refused.
 *
 * @throws {GhostError} `BAD_ARGUMENTS` for what cannot be written, saying how far it came.
 */
export function writeChanges(host: string, { removed, written }: TreeChanges): void {
  const root = Deno.realPathSync(host);
  for (const path of removed) {
    attempt(path, () => Deno.removeSync(placeOf(root, path).to));
  }
  for (const entry of written) {
    attempt(entry.path, () => writeEntry(placeOf(root, entry.path), entry));
  }
}

function writeEntry({ to, depth }: Place, entry: TreeEntry): void {
  const seconds = Number(entry.modifiedAt / 1_000_000n) / 1000;
  switch (entry.type) {
    case "directory":
      Deno.mkdirSync(to, { recursive: true });
      return;
    case "file": {
      const there = lookAt(to);
      // Never through a link that stands there: it is replaced, as the guest replaced it.
      if (there?.isSymlink) Deno.removeSync(to);
      else if (there?.isFile === false) throw new Error("something that is no file is there");
      Deno.writeFileSync(to, entry.bytes);
      Deno.utimeSync(to, seconds, seconds);
      return;
    }
    case "link":
      if (!staysInside(entry.target, depth)) {
        throw new Error("it is a symbolic link that leads out of the directory");
      }
      if (lookAt(to) !== undefined) Deno.removeSync(to);
      Deno.symlinkSync(entry.target, to);
      return;
  }
}

/** A place below the directory that is written to. */
interface Place {
  readonly to: string;
  /** Directories between it and that directory. */
  readonly depth: number;
}

/** Where `path` is below `root`; the directory that it is in must really be there. */
function placeOf(root: string, path: string): Place {
  if (path.split("/").some((name) => name === "" || name === "." || name === "..")) {
    throw new Error("it is not a path below the directory");
  }
  const to = join(root, path);
  const names = relative(root, Deno.realPathSync(dirname(to))).split(SEPARATOR);
  if (names[0] === ".." || isAbsolute(names.join(SEPARATOR))) {
    throw new Error("a symbolic link leads out of the directory");
  }
  return { to, depth: names[0] === "" ? 0 : names.length };
}

/** Whether a link that is `depth` directories deep can be followed without leaving the top, whatever other such links there are. */
function staysInside(target: string, depth: number): boolean {
  const names = target.split("/");
  const down = names.findIndex((name) => name !== "..");
  const up = down < 0 ? names.length : down;
  return !isAbsolute(target) && up <= depth && !names.slice(up).includes("..");
}

function lookAt(path: string): Deno.FileInfo | undefined {
  try {
    return Deno.lstatSync(path);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return undefined;
    throw error;
  }
}

function attempt(path: string, action: () => void): void {
  try {
    action();
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new GhostError("BAD_ARGUMENTS", `Cannot write back "${path}": ${reason}`, { cause: error });
  }
}
