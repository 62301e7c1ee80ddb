/** Directories for the tests of `gvm exec --dir`, and a guest that changes copies of them. */
import { assertEquals } from "@std/assert";
import { readTree } from "../../../../gvm/cli/host_files/read_tree.ts";
import { TreeBudget } from "../../../../gvm/cli/host_files/tree_budget.ts";
import { type Changed, writeBack, type WrittenBack } from "../../../../gvm/cli/host_files/write_back.ts";
import { temporaryName } from "../../../../gvm/cli/host_files/temporary_names.ts";
import { resolve } from "../../../../gvm/wasi/files/resolver.ts";
import { Snapshot, type TreeEntry } from "../../../../gvm/wasi/mod.ts";

/** A tree as it is written down in tests: a file's text, `-> target` of a link, `/` for a directory. */
export type Shown = Record<string, string>;

/** A directory to give away, beside another one that must not be touched. */
export class Place implements Disposable {
  /** The directory that both are in. */
  readonly top: string;
  /** The one to give away. */
  readonly host: string;
  /** The one not to be touched. */
  readonly outside: string;

  /** Makes both, with `shown` in the one that is given away; in the directory `where`, or that for temporary files. */
  constructor(shown: Shown = {}, where?: string) {
    this.top = Deno.makeTempDirSync({ prefix: "ghost-files-", ...where === undefined ? {} : { dir: where } });
    this.host = `${this.top}/host`;
    this.outside = `${this.top}/outside`;
    Deno.mkdirSync(this.host);
    Deno.mkdirSync(this.outside);
    Deno.writeTextFileSync(`${this.outside}/secret`, "secret");
    make(this.host, shown);
  }

  /** What there is in the directory. */
  get shown(): Shown {
    return show(this.host);
  }

  [Symbol.dispose](): void {
    assertEquals(show(this.outside), { secret: "secret" }, "something outside was touched");
    Deno.removeSync(this.top, { recursive: true });
  }
}

/** Makes what is shown. */
export function make(directory: string, shown: Shown): void {
  for (const [path, text] of Object.entries(shown)) {
    if (text === "/") Deno.mkdirSync(`${directory}/${path}`);
    else if (text.startsWith("-> ")) Deno.symlinkSync(text.slice(3), `${directory}/${path}`);
    else Deno.writeTextFileSync(`${directory}/${path}`, text);
  }
}

/** What there is below `directory`; pipes and the like are not opened. */
export function show(directory: string, prefix = ""): Shown {
  const found: Shown = {};
  const entries = [...Deno.readDirSync(directory)].sort((a, b) => a.name < b.name ? -1 : 1);
  for (const { name, isSymlink, isDirectory, isFile } of entries) {
    const path = `${directory}/${name}`;
    if (isSymlink) found[prefix + name] = `-> ${Deno.readLinkSync(path)}`;
    else if (isDirectory) Object.assign(found, { [prefix + name]: "/" }, show(path, `${prefix}${name}/`));
    else found[prefix + name] = isFile ? textOf(path) : "?";
  }
  return found;
}

/** The text of a file, `?` of one whose name Deno cannot tell. */
function textOf(path: string): string {
  try {
    return Deno.readTextFileSync(path);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return "?";
    throw error;
  }
}

/** What there is, but for what a write-back that was interrupted has left. */
export function withoutTemporaries(shown: Shown): Shown {
  const isOwn = (path: string) => path.split("/").some((name) => temporaryName(name) !== undefined);
  return Object.fromEntries(Object.entries(shown).filter(([path]) => !isOwn(path)));
}

/** A guest with a copy of a directory. */
export class Guest {
  readonly #tree;
  readonly #snapshot;

  /** Copies the directory. */
  constructor(host: string) {
    this.#tree = readTree(host, new TreeBudget(1 << 28));
    this.#snapshot = new Snapshot(this.#tree.entries);
  }

  /** Writes a file. */
  write(path: string, text: string): this {
    const place = this.#at(path, true);
    const file = place.inode ?? this.#files.createFile(place);
    if (file.type !== "file") throw new Error(`${path} is no file`);
    file.resize(0);
    file.write(0, new TextEncoder().encode(text));
    return this;
  }

  /** Makes a directory. */
  directory(path: string): this {
    this.#files.createDirectory(this.#at(path));
    return this;
  }

  /** Makes a symbolic link. */
  link(path: string, target: string): this {
    this.#files.createLink(this.#at(path), target);
    return this;
  }

  /** Makes a further name. */
  hardLink(from: string, to: string): this {
    this.#files.link(this.#at(from), this.#at(to));
    return this;
  }

  /** Removes something, and all that is in it. */
  remove(path: string): this {
    const { inode } = this.#at(path);
    if (inode?.type !== "directory") this.#files.unlink(this.#at(path));
    else {
      for (const { name } of [...inode.entries()]) this.remove(`${path}/${name}`);
      this.#files.removeDirectory(this.#at(path));
    }
    return this;
  }

  /** Moves something. */
  move(from: string, to: string): this {
    this.#files.rename(this.#at(from), this.#at(to));
    return this;
  }

  /** What it has done. */
  get changed(): Changed {
    const { removed, written } = this.#snapshot.changes();
    const copied = written.map((entry): TreeEntry =>
      entry.type === "file" ? { ...entry, bytes: entry.bytes.slice() } : entry
    );
    return { tree: this.#tree, changes: { removed, written: copied } };
  }

  /** Has it written back. */
  writeBack(): Promise<WrittenBack> {
    return writeBack([this.changed]);
  }

  get #files() {
    return this.#snapshot.fileSystem;
  }

  #at(path: string, follow = false) {
    return resolve(this.#files.root, path, follow);
  }
}
