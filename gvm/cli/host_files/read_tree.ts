import { GhostError } from "../../../gmp/errors.ts";
import { quotedPath, systemReason } from "../../../gmp/system_error.ts";
import { systemFault } from "../../../gmp/system_fault.ts";
import type { TreeEntry } from "../../wasi/mod.ts";
import { type HostEntry, hostEntry, isSame, isSameInode } from "./host_entry.ts";
import { childOf, hostPathIn } from "./paths.ts";
import { temporaryName } from "./temporary_names.ts";
import type { TreeBudget } from "./tree_budget.ts";

/** How often a file that keeps changing is read before the last copy is taken. */
const READ_ATTEMPTS = 3;

/** What Deno shows in a name for bytes that are not UTF-8. */
const NOT_UTF8 = "\ufffd";

const SPECIAL = "it is not a file, directory or link";
const BAD_NAME = "its name is not UTF-8";

/** A directory of this machine as read. */
export interface HostTree {
  /** The user's name for it. */
  readonly host: string;
  /** Its path with links resolved. */
  readonly root: string;
  /** What a guest gets of it, a directory before its contents. */
  readonly entries: readonly TreeEntry[];
  /** The same by path, as it is on this machine. */
  readonly loaded: ReadonlyMap<string, HostEntry>;
  /** Paths of what a guest does not get, and why. */
  readonly leftOut: ReadonlyMap<string, string>;
  /** Paths of files that write-backs have left behind. */
  readonly temporaries: readonly string[];
}

/**
 * Reads the directory `host`: directories, files, and symbolic links, which are not followed. What cannot be
 * read is left out; anything else (a pipe, a device) is never opened.
 *
 * @throws {GhostError} `BAD_ARGUMENTS` when `host` itself cannot be read, `PAYLOAD_TOO_LARGE` past the budget.
 */
export function readTree(host: string, budget: TreeBudget): HostTree {
  return new TreeReader(host, budget).read();
}

class TreeReader implements HostTree {
  readonly root: string;
  readonly entries: TreeEntry[] = [];
  readonly loaded = new Map<string, HostEntry>();
  readonly leftOut = new Map<string, string>();
  readonly temporaries: string[] = [];
  readonly #budget: TreeBudget;
  /** Directories still to read. Not recursive, since they nest as deep as a path is long. */
  readonly #directories: { readonly path: string; readonly names: Iterable<string> }[] = [];

  constructor(readonly host: string, budget: TreeBudget) {
    this.#budget = budget;
    this.root = readable(host, () => Deno.realPathSync(host));
  }

  read(): HostTree {
    this.#directories.push({ path: "", names: readable(this.host, () => this.#namesIn("")) });
    for (let at = this.#directories.pop(); at !== undefined; at = this.#directories.pop()) {
      for (const name of at.names) {
        const path = childOf(at.path, name);
        if (temporaryName(name) !== undefined) this.temporaries.push(path);
        else this.#tryToRead(path);
      }
    }
    return this;
  }

  /**
   * The names in a directory. Those that Deno cannot represent appear as other names, and so perhaps twice.
   */
  #namesIn(directory: string): Set<string> {
    const names = new Set<string>();
    for (const { name } of Deno.readDirSync(hostPathIn(this.root, directory))) {
      if (names.has(name)) this.leftOut.set(childOf(directory, name), BAD_NAME);
      names.add(name);
    }
    return names;
  }

  #tryToRead(path: string): void {
    try {
      this.#read(path);
    } catch (error) {
      if (error instanceof GhostError) throw error;
      if (!(error instanceof Deno.errors.NotFound)) this.leftOut.set(path, systemReason(error));
      else if (path.includes(NOT_UTF8)) this.leftOut.set(path, BAD_NAME);
      // Otherwise it was removed after its directory was read.
    }
  }

  #read(path: string, attempt = 1): void {
    const hostPath = hostPathIn(this.root, path);
    const info = Deno.lstatSync(hostPath);
    const host = hostEntry(info);
    switch (host.type) {
      case "other":
        return void this.leftOut.set(path, SPECIAL);
      case "file":
        return this.#readFile(path, info, attempt);
      case "directory":
        this.#directories.push({ path, names: this.#namesIn(path) });
        return this.#add({ type: "directory", path, modifiedAt: timeOf(info) }, host);
      case "link": {
        const target = targetOf(hostPath);
        if (target === undefined) return void this.leftOut.set(path, "its target is not UTF-8");
        return this.#add({ type: "link", path, modifiedAt: timeOf(info), target }, { ...host, target });
      }
    }
  }

  /** Reads the file at `path`, which `before` describes. */
  #readFile(path: string, before: Deno.FileInfo, attempt: number): void {
    using file = Deno.openSync(hostPathIn(this.root, path));
    const bytes = this.#readBytes(file, before.size);
    const [host, { identity }] = [hostEntry(before), hostEntry(file.statSync())];
    if (attempt < READ_ATTEMPTS && !isSame(host.identity, identity)) return this.#read(path, attempt + 1);
    // The copy of a log that never stops changing is as good as it gets; but another file may be one that a
    // link leads to.
    if (!isSameInode(host.identity, identity)) {
      return void this.leftOut.set(path, "it is replaced all the time");
    }
    this.#budget.takeBytes(this.host, bytes.length);
    this.#add({ type: "file", path, modifiedAt: timeOf(before), bytes }, host);
  }

  /** All bytes of `file`, whose reported size is `size`; some, such as those in `/proc`, have more. */
  #readBytes(file: Deno.FsFile, size: number): Uint8Array {
    this.#budget.checkBytes(this.host, size);
    let bytes = new Uint8Array(size + 1);
    for (let length = 0;;) {
      const count = file.readSync(bytes.subarray(length));
      if (count === null) return bytes.subarray(0, length);
      length += count;
      this.#budget.checkBytes(this.host, length);
      if (length === size) return bytes.subarray(0, length);
      if (length < bytes.length) continue;
      const larger = new Uint8Array(bytes.length * 2);
      larger.set(bytes);
      bytes = larger;
    }
  }

  #add(entry: TreeEntry, host: HostEntry): void {
    this.#budget.takeEntry(this.host);
    this.entries.push(entry);
    this.loaded.set(entry.path, host);
  }
}

/** The target of the link at `hostPath`, `undefined` if it is not UTF-8. */
function targetOf(hostPath: string): string | undefined {
  try {
    return Deno.readLinkSync(hostPath);
  } catch (error) {
    if (error instanceof Deno.errors.InvalidData) return undefined;
    throw error;
  }
}

function readable<T>(host: string, read: () => T): T {
  try {
    return read();
  } catch (error) {
    throw systemFault("BAD_ARGUMENTS", `load ${quotedPath(host)}`, error);
  }
}

function timeOf({ mtime }: Deno.FileInfo): bigint {
  return BigInt(mtime?.getTime() ?? 0) * 1_000_000n;
}
