import { InodeBase } from "./inode.ts";
import type { Quota } from "./quota.ts";

const encoder = new TextEncoder();

/** A symbolic link. It may say anything; the resolver decides where it may lead. */
export class SymbolicLink extends InodeBase {
  /** Tells the kinds of inode apart. */
  readonly type = "link";
  /** The path it says, in UTF-8. */
  readonly bytes: Uint8Array;
  readonly #quota: Quota;

  /** A link that says `target`, the bytes of which count to `quota`. */
  constructor(number: bigint, readonly target: string, quota: Quota) {
    super(number);
    this.bytes = encoder.encode(target);
    this.#quota = quota;
    quota.takeBytes(this.bytes.length);
  }

  /** Bytes of the path it says. */
  override get size(): number {
    return this.bytes.length;
  }

  /** Gives its bytes back. */
  override dispose(): void {
    this.#quota.takeBytes(-this.bytes.length);
  }
}
