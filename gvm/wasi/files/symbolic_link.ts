import { InodeBase } from "./inode.ts";
import type { Quota } from "./quota.ts";

const encoder = new TextEncoder();

/** A symbolic link. Its target may be anything; the resolver decides where it may lead. */
export class SymbolicLink extends InodeBase {
  /** The kind of inode. */
  readonly type = "link";
  /** Its target, in UTF-8. */
  readonly bytes: Uint8Array;
  readonly #quota: Quota;

  /** A link to `target`, whose bytes count against `quota`. */
  constructor(number: bigint, readonly target: string, quota: Quota) {
    super(number);
    this.bytes = encoder.encode(target);
    this.#quota = quota;
    quota.takeBytes(this.bytes.length);
  }

  /** Bytes of its target. */
  override get size(): number {
    return this.bytes.length;
  }

  /** Returns its bytes to the quota. */
  override dispose(): void {
    this.#quota.takeBytes(-this.bytes.length);
  }
}
