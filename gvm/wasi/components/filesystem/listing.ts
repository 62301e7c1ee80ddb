import type { Directory } from "../../files/directory.ts";
import { typeOf } from "./descriptor.ts";
import type { CaseOf } from "./error_code.ts";

/** The record `wasi:filesystem/types.directory-entry`. */
export interface DirectoryEntry {
  readonly type: unknown;
  readonly name: string;
}

/** A listing of a directory, as far as it has been read: in 0.2 the resource `directory-entry-stream`. */
export class Listing {
  #position = 0;
  readonly #directory: Directory;
  readonly #caseOf: CaseOf;

  /** Of `directory`; `close` is called when it is not needed any more. */
  constructor(directory: Directory, caseOf: CaseOf, readonly close: () => void) {
    this.#directory = directory;
    this.#caseOf = caseOf;
  }

  /** The next entries, up to `most`; none at the end. */
  next(most: number): DirectoryEntry[] {
    const found: DirectoryEntry[] = [];
    for (const { name, inode, position } of this.#directory.entries(this.#position)) {
      found.push({ type: typeOf(inode, this.#caseOf), name });
      this.#position = position + 1;
      if (found.length === most) break;
    }
    return found;
  }
}
