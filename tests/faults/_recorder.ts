/** Records what a program does to the files of one directory, as the operations that `_disk.ts` makes disks from. */

/** A name that changes in a directory; `file` is the number of what it stands for. */
type NameChange =
  | { readonly kind: "create" | "directory"; readonly path: string; readonly file: number }
  | { readonly kind: "rename" | "link"; readonly path: string; readonly to: string; readonly file: number }
  | { readonly kind: "remove"; readonly path: string };

/** Bytes that change in a file. */
type ByteChange =
  | { readonly kind: "write"; readonly file: number; readonly offset: number; readonly bytes: Uint8Array }
  | { readonly kind: "truncate"; readonly file: number; readonly size: number };

/** What keeps changes: of `file`'s bytes, or of the names in `directory`. Only those before operation `upTo`. */
type Sync =
  | { readonly kind: "sync"; readonly file: number; readonly upTo: number }
  | { readonly kind: "syncDirectory"; readonly path: string; readonly upTo: number };

/** One operation. A `note` is the test's own: it says what has been acknowledged. */
export type Operation = NameChange | ByteChange | Sync | { readonly kind: "note"; readonly text: string };

/** Functions of Deno that change files and that nothing recorded may use. */
const NOT_RECORDED = [
  "writeFile",
  "writeTextFile",
  "truncate",
  "copyFile",
  "symlink",
  "create",
  "chmod",
] as const;

/** Records from its making to its disposal. */
export class Recorder implements Disposable {
  /** What was recorded. */
  readonly operations: Operation[] = [];
  readonly #root: string;
  readonly #files = new Map<string, number>();
  readonly #original: Partial<typeof Deno> = {};
  #last = 0;

  /** Records what this process does below `root`. */
  constructor(root: string) {
    this.#root = root;
    const { open, rename, link, remove, mkdir } = Deno;
    this.#replace({
      open: async (path, options = { read: true }) => {
        const there = this.#files.get(`${path}`);
        const file = await open(path, options);
        if (!this.#covers(path)) return file;
        if ((await file.stat()).isDirectory) return this.#watchDirectory(`${path}`, file);
        const number = there ?? this.#number(`${path}`);
        if (there === undefined) this.#add({ kind: "create", path: this.#relative(path), file: number });
        return options.write ? this.#watchFile(number, file) : file;
      },
      rename: async (from, to) => {
        await rename(from, to);
        const file = this.#files.get(`${from}`)!;
        this.#files.delete(`${from}`);
        this.#files.set(`${to}`, file);
        this.#add({ kind: "rename", path: this.#relative(from), to: this.#relative(to), file });
      },
      link: async (from, to) => {
        await link(from, to);
        const file = this.#files.get(from)!;
        this.#files.set(to, file);
        this.#add({ kind: "link", path: this.#relative(from), to: this.#relative(to), file });
      },
      remove: async (path) => {
        await remove(path);
        this.#files.delete(`${path}`);
        this.#add({ kind: "remove", path: this.#relative(path) });
      },
      mkdir: async (path, options) => {
        await mkdir(path, options);
        if (`${path}` === root) return;
        this.#add({ kind: "directory", path: this.#relative(path), file: this.#number(`${path}`) });
      },
    });
    for (const name of NOT_RECORDED) {
      this.#replace({ [name]: () => Promise.reject(new Error(`Deno.${name} is not recorded`)) });
    }
  }

  /** Adds a note. */
  note(text: string): void {
    this.#add({ kind: "note", text });
  }

  [Symbol.dispose](): void {
    Object.assign(Deno, this.#original);
  }

  #replace(functions: Partial<typeof Deno>): void {
    for (const name of Object.keys(functions) as (keyof typeof Deno)[]) {
      Object.assign(this.#original, { [name]: Deno[name] });
    }
    Object.assign(Deno, functions);
  }

  #watchFile(number: number, file: Deno.FsFile): Deno.FsFile {
    const { write, seek, truncate, sync } = file;
    let offset = 0;
    return Object.assign(file, {
      write: async (bytes: Uint8Array) => {
        const copy = bytes.slice();
        const count = await write.call(file, bytes);
        this.#add({ kind: "write", file: number, offset, bytes: copy.subarray(0, count) });
        offset += count;
        return count;
      },
      seek: async (to: number, whence: Deno.SeekMode) => offset = await seek.call(file, to, whence),
      truncate: async (size = 0) => {
        await truncate.call(file, size);
        this.#add({ kind: "truncate", file: number, size });
      },
      sync: async () => {
        // What came while it was under way may have been too late for it.
        const upTo = this.operations.length;
        await sync.call(file);
        this.#add({ kind: "sync", file: number, upTo });
      },
    });
  }

  #watchDirectory(path: string, directory: Deno.FsFile): Deno.FsFile {
    const { sync } = directory;
    return Object.assign(directory, {
      sync: async () => {
        const upTo = this.operations.length;
        await sync.call(directory);
        this.#add({ kind: "syncDirectory", path: this.#relative(path), upTo });
      },
    });
  }

  #number(path: string): number {
    this.#files.set(path, ++this.#last);
    return this.#last;
  }

  #covers(path: string | URL): boolean {
    return `${path}` === this.#root || `${path}`.startsWith(`${this.#root}/`);
  }

  #relative(path: string | URL): string {
    return `${path}`.slice(this.#root.length + 1);
  }

  #add(operation: Operation): void {
    this.operations.push(operation);
  }
}
