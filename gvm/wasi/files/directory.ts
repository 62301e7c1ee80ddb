import { type Inode, InodeBase } from "./inode.ts";

/** A name in a directory. */
interface Entry {
  /** The name. */
  readonly name: string;
  /** What it stands for. */
  readonly inode: Inode;
  /** Its place among the entries: they are listed in this order, and a place is never used twice. */
  readonly position: number;
}

/** Positions of `.` and `..`, which every directory has and lists first. */
const FIRST_POSITION = 2;

/** A directory. It holds names and nothing else: what may be put into it or taken out is decided by `FileSystem`. */
export class Directory extends InodeBase {
  /** Tells the kinds of inode apart. */
  readonly type = "directory";
  /** What `..` is in it: itself at the top of a file system, nothing once it was removed. */
  parent: Directory | undefined = undefined;
  readonly #entries = new Map<string, Entry>();
  #nextPosition = FIRST_POSITION;
  /** The entries in order, kept until one changes, so that a long listing can be read piece by piece. */
  #listing: readonly Entry[] | undefined;

  /** A directory has no contents that could be measured. */
  override get size(): number {
    return 0;
  }

  /** True without a single entry. */
  get isEmpty(): boolean {
    return this.#entries.size === 0;
  }

  /** What `name` stands for. */
  get(name: string): Inode | undefined {
    return this.#entries.get(name)?.inode;
  }

  /** Adds an entry at the end. The name must be free. */
  add(name: string, inode: Inode): void {
    this.#entries.set(name, { name, inode, position: this.#nextPosition++ });
    this.#changed();
  }

  /** Takes an entry out. */
  remove(name: string): void {
    this.#entries.delete(name);
    this.#changed();
  }

  /** The entries from `position` on, in order, as they are now. What is added or removed later does not move the others. */
  *entries(position = 0): Generator<Entry> {
    const listing = this.#listing ??= [...this.#entries.values()];
    let low = 0;
    let high = listing.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (listing[middle]!.position < position) low = middle + 1;
      else high = middle;
    }
    for (; low < listing.length; low++) yield listing[low]!;
  }

  /** Holds nothing that counts. */
  override dispose(): void {}

  #changed(): void {
    this.#listing = undefined;
    this.modified();
  }
}
