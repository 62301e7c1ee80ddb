import { Failure } from "../host/errno.ts";
import type { Directory } from "./directory.ts";
import { FileSystem } from "./file_system.ts";
import type { Inode } from "./inode.ts";
import { Quota } from "./quota.ts";
import { isLonger, MAX_PATH, type ResolvedPath } from "./resolver.ts";

/** What all entries of a tree have: plain data, so that it can be sent as MessagePack. */
interface TreeEntryBase {
  /** Where it is, relative to the top of the tree: names with a slash between, never `.` or `..`. */
  readonly path: string;
  /** When its contents last changed, in nanoseconds since 1970. */
  readonly modifiedAt: bigint;
  /** Its path when the tree was loaded, if it has since been moved, or has another name as well. */
  readonly from?: string;
}

/** A directory, file or symbolic link of a tree. */
export type TreeEntry =
  | TreeEntryBase & { readonly type: "directory" }
  | TreeEntryBase & { readonly type: "file"; readonly bytes: Uint8Array }
  | TreeEntryBase & { readonly type: "link"; readonly target: string };

/** The differences in a tree. */
export interface TreeChanges {
  /** Paths that are gone, or now have another type; a directory's contents before the directory. */
  readonly removed: string[];
  /**
   * What is new or changed; a directory before its contents. The bytes are valid until the guest runs again.
   */
  readonly written: TreeEntry[];
}

/** A file system made from a tree, which knows its differences from that tree. */
export class Snapshot {
  /** The file system. */
  readonly fileSystem: FileSystem;
  readonly #loaded = new Map<string, Inode>();
  readonly #origins = new Map<Inode, string>();

  /**
   * Loads `entries`, a directory before its contents. File contents are copied. If loading fails, `quota` is
   * unchanged.
   *
   * @throws {TypeError} when a path is invalid for a {@linkcode TreeEntry}, occurs twice, or is not in a
   * directory.
   * @throws {RangeError} when the entries take more than `quota`.
   */
  constructor(entries: Iterable<TreeEntry>, quota: Quota = new Quota()) {
    this.fileSystem = new FileSystem(quota);
    try {
      for (const entry of entries) this.#load(entry);
    } catch (error) {
      for (const { inode } of walk(this.fileSystem.root)) {
        inode.dispose();
        quota.giveInode();
      }
      throw error;
    }
  }

  /**
   * How the file system differs from what was loaded. For directories only their existence counts, for files
   * and links also contents and times.
   *
   * @throws {RangeError} when a path has become longer than `MAX_PATH` bytes, which no other file system
   * would accept.
   */
  changes(): TreeChanges {
    const written: TreeEntry[] = [];
    const now = new Map<string, Inode>();
    for (const { path, inode } of walk(this.fileSystem.root)) {
      now.set(path, inode);
      const before = this.#loaded.get(path);
      const isSame = inode.type === "directory"
        ? before?.type === "directory"
        : before === inode && !inode.isModified;
      if (!isSame) written.push(describe(path, inode, this.#origins.get(inode)));
    }
    const removed = [...this.#loaded].filter(([path, before]) => now.get(path)?.type !== before.type);
    return { removed: removed.map(([path]) => path).reverse(), written };
  }

  #load(entry: TreeEntry): void {
    const { path, modifiedAt } = entry;
    const parent = this.#parentOf(path);
    const name = path.slice(path.lastIndexOf("/") + 1);
    if (parent.get(name) !== undefined) throw new TypeError(`Cannot load "${path}": it is there already`);
    const inode = create(this.fileSystem, entry, { parent, name, inode: undefined, isDirectory: false });
    inode.modifiedAt = modifiedAt;
    inode.isModified = false;
    this.#loaded.set(path, inode);
    this.#origins.set(inode, path);
  }

  #parentOf(path: string): Directory {
    const names = path.split("/");
    if (
      isLonger(path, MAX_PATH) || path.includes("\0") || names.some((name) => ["", ".", ".."].includes(name))
    ) {
      throw new TypeError(`Cannot load "${path}": it is not a relative path of names`);
    }
    if (names.length === 1) return this.fileSystem.root;
    const parent = this.#loaded.get(names.slice(0, -1).join("/"));
    if (parent?.type !== "directory") throw new TypeError(`Cannot load "${path}": it is not in a directory`);
    return parent;
  }
}

function create(fileSystem: FileSystem, entry: TreeEntry, resolved: ResolvedPath): Inode {
  try {
    if (entry.type === "directory") return fileSystem.createDirectory(resolved);
    if (entry.type === "link") return fileSystem.createLink(resolved, entry.target);
    const file = fileSystem.createFile(resolved);
    file.write(0, entry.bytes);
    return file;
  } catch (error) {
    if (!(error instanceof Failure)) throw error;
    throw new RangeError(`Cannot load "${entry.path}": it takes more than the limits allow`);
  }
}

/**
 * Everything below `root`, a directory before its contents. Not recursive, since guests can nest thousands of
 * directories.
 */
function* walk(root: Directory): Generator<{ path: string; inode: Inode }> {
  const directories = [{ prefix: "", directory: root }];
  for (let at = directories.pop(); at !== undefined; at = directories.pop()) {
    for (const { name, inode } of at.directory.entries()) {
      const path = at.prefix + name;
      if (isLonger(path, MAX_PATH)) {
        throw new RangeError(`Cannot tell what was changed: a path is longer than ${MAX_PATH} bytes`);
      }
      yield { path, inode };
      if (inode.type === "directory") directories.push({ prefix: `${path}/`, directory: inode });
    }
  }
}

function describe(path: string, inode: Inode, origin: string | undefined): TreeEntry {
  const { type, modifiedAt } = inode;
  const entry = { path, modifiedAt, ...(origin === undefined || origin === path ? {} : { from: origin }) };
  if (type === "file") return { ...entry, type, bytes: inode.contents };
  if (type === "link") return { ...entry, type, target: inode.target };
  return { ...entry, type };
}
