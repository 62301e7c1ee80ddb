import { type Inode, InodeBase } from "./inode.ts";

/** An entry of a directory. */
interface Entry {
  /** The name. */
  readonly name: string;
  /** The inode it refers to. */
  readonly inode: Inode;
  /** Its position in the listing; no position is ever used twice. */
  readonly position: number;
}

/** The first position after `.` and `..`, which every directory has and lists first. */
const FIRST_POSITION = 2;

/** A directory. It only holds entries: `FileSystem` decides what may be added or removed. */
export class Directory extends InodeBase {
  /** The kind of inode. */
  readonly type = "directory";
  /** What `..` means in it: itself at the top of a file system, nothing once it is removed. */
  parent: Directory | undefined = undefined;
  readonly #entries = new Map<string, Entry>();
  #nextPosition = FIRST_POSITION;
  /** The entries in order, kept until one changes, so that a long listing can be read piece by piece. */
  #listing: readonly Entry[] | undefined;

  /** Always 0: a directory has no contents to measure. */
  override get size(): number {
    return 0;
  }

  /** True without entries. */
  get isEmpty(): boolean {
    return this.#entries.size === 0;
  }

  /** The inode of `name`. */
  get(name: string): Inode | undefined {
    return this.#entries.get(name)?.inode;
  }

  /** Adds an entry at the end. The name must be free. */
  add(name: string, inode: Inode): void {
    this.#entries.set(name, { name, inode, position: this.#nextPosition++ });
    this.#changed();
  }

  /** Removes an entry. */
  remove(name: string): void {
    this.#entries.delete(name);
    this.#changed();
  }

  /**
   * The current entries from `position` on, in order. Later additions and removals do not move the others.
   */
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

  /** Holds nothing that counts against a quota. */
  override dispose(): void {}

  #changed(): void {
    this.#listing = undefined;
    this.modified();
  }
}
