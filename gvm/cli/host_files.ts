import { dirname, join } from "@std/path";
import { GhostError } from "../../gmp/errors.ts";
import type { TreeChanges, TreeEntry } from "../wasi/mod.ts";
import { whyNotRead } from "./why_not_read.ts";

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
    for (const { name, isDirectory, isFile, isSymlink } of Deno.readDirSync(directory)) {
      const from = join(directory, name);
      const path = prefix + name;
      const info = Deno.lstatSync(from);
      const modifiedAt = BigInt(info.mtime?.getTime() ?? 0) * 1_000_000n;
      if (isSymlink) entries.push({ type: "link", path, modifiedAt, target: Deno.readLinkSync(from) });
      else if (isDirectory) {
        entries.push({ type: "directory", path, modifiedAt });
        visit(from, `${path}/`);
      } else if (isFile) {
        left -= info.size;
        if (left < 0) {
          throw new GhostError("PAYLOAD_TOO_LARGE", `Cannot load "${host}": it has more than ${limit} bytes`);
        }
        entries.push({ type: "file", path, modifiedAt, bytes: Deno.readFileSync(from) });
      }
    }
  };
  try {
    visit(host, "");
  } catch (error) {
    if (error instanceof GhostError) throw error;
    throw new GhostError("BAD_ARGUMENTS", `Cannot load "${host}": it ${whyNotRead(error)}`, { cause: error });
  }
  return entries;
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
    attempt(path, () => Deno.removeSync(placeOf(root, path)));
  }
  for (const entry of written) {
    attempt(entry.path, () => writeEntry(placeOf(root, entry.path), entry));
  }
}

function writeEntry(to: string, entry: TreeEntry): void {
  const seconds = Number(entry.modifiedAt / 1_000_000n) / 1000;
  switch (entry.type) {
    case "directory":
      Deno.mkdirSync(to, { recursive: true });
      return;
    case "file":
      // Never through a link that stands there: it is replaced, as the guest replaced it.
      removeIfLink(to);
      Deno.writeFileSync(to, entry.bytes);
      Deno.utimeSync(to, seconds, seconds);
      return;
    case "link":
      if (exists(to)) Deno.removeSync(to);
      Deno.symlinkSync(entry.target, to);
      return;
  }
}

/** Where `path` is below `root`; the directory that it is in must really be there. */
function placeOf(root: string, path: string): string {
  if (path.split("/").some((name) => name === "" || name === "." || name === "..")) {
    throw new GhostError("BAD_ARGUMENTS", `Cannot write "${path}": it is not a path below the directory`);
  }
  const to = join(root, path);
  const parent = Deno.realPathSync(dirname(to));
  if (parent !== root && !parent.startsWith(`${root}/`)) {
    throw new GhostError(
      "BAD_ARGUMENTS",
      `Cannot write "${path}": a symbolic link leads out of the directory`,
    );
  }
  return to;
}

function removeIfLink(path: string): void {
  if (exists(path) && Deno.lstatSync(path).isSymlink) Deno.removeSync(path);
}

function exists(path: string): boolean {
  try {
    Deno.lstatSync(path);
    return true;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false;
    throw error;
  }
}

function attempt(path: string, action: () => void): void {
  try {
    action();
  } catch (error) {
    if (error instanceof GhostError) throw error;
    const reason = error instanceof Error ? error.message : String(error);
    throw new GhostError("BAD_ARGUMENTS", `Cannot write back "${path}": ${reason}`, { cause: error });
  }
}
