import { type Inode, InodeBase } from "./inode.ts";

/** An entry of a directory. */
interface Entry {
  /** The name. */
  readonly name: string;
  /** The inode it refers to. */
  readonly inode: Inode;
  /** Its position in the listing; no position is ever used twice. */
  readonly position: number;
  /** Whether it was removed, and is still in the listing. */
  isGone: boolean;
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
  /**
   * The entries in order, made when they are listed, and those that were removed since, as long as these are fewer: who lists
   * a long directory piece by piece may remove what is listed.
   */
  #listing: Entry[] | undefined;
  #gone = 0;

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
    const entry = { name, inode, position: this.#nextPosition++, isGone: false };
    this.#entries.set(name, entry);
    this.#listing?.push(entry);
    this.modified();
  }

  /** Removes an entry. */
  remove(name: string): void {
    const entry = this.#entries.get(name);
    this.#entries.delete(name);
    if (entry !== undefined && this.#listing !== undefined) {
      entry.isGone = true;
      if (++this.#gone * 2 > this.#listing.length) this.#listing = undefined;
    }
    this.modified();
  }

  /**
   * The current entries from `position` on, in order. Later additions and removals do not move the others.
   */
  *entries(position = 0): Generator<Entry> {
    const listing = this.#listing ?? this.#list();
    let low = 0;
    const { length } = listing;
    let high = length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (listing[middle]!.position < position) low = middle + 1;
      else high = middle;
    }
    for (; low < length; low++) if (!listing[low]!.isGone) yield listing[low]!;
  }

  /** Holds nothing that counts against a quota. */
  override dispose(): void {}

  #list(): Entry[] {
    this.#gone = 0;
    return this.#listing = [...this.#entries.values()];
  }
}
