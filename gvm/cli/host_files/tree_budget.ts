import { GhostError } from "../../../gmp/errors.ts";
import { DEFAULT_FILE_SYSTEM_LIMITS } from "../../wasi/mod.ts";

/** The budget for all directories of a run together. */
export class TreeBudget {
  readonly #bytes: number;
  readonly #entries = DEFAULT_FILE_SYSTEM_LIMITS.inodes;
  #bytesLeft: number;
  #entriesLeft = this.#entries;

  /** A budget of `bytes`, and of as many entries as a session's files may have. */
  constructor(bytes: number) {
    this.#bytes = this.#bytesLeft = bytes;
  }

  /** Takes `count` bytes for `host`. @throws {GhostError} `PAYLOAD_TOO_LARGE` if fewer are left. */
  takeBytes(host: string, count: number): void {
    this.checkBytes(host, count);
    this.#bytesLeft -= count;
  }

  /** @throws {GhostError} `PAYLOAD_TOO_LARGE` when fewer than `count` bytes are left. */
  checkBytes(host: string, count: number): void {
    if (count > this.#bytesLeft) throw tooLarge(host, `${this.#bytes} bytes`);
  }

  /** Takes an entry for `host`. @throws {GhostError} `PAYLOAD_TOO_LARGE` if none is left. */
  takeEntry(host: string): void {
    if (--this.#entriesLeft < 0) throw tooLarge(host, `${this.#entries} files, directories and links`);
  }
}

function tooLarge(host: string, limit: string): GhostError {
  return new GhostError("PAYLOAD_TOO_LARGE", `Cannot load "${host}": it has more than ${limit}`);
}
