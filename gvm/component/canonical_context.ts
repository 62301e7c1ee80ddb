import type { ComponentInstance } from "./component_instance.ts";
import type { BorrowScope, GuestResource, ResourceHandle } from "./resources.ts";
import { trap } from "./trap.ts";

/** How strings are in a guest's memory. */
export type StringEncoding = "utf8" | "utf16" | "latin1+utf16";

/** What values are lifted from and lowered into (Canonical ABI, "Canonical ABI Options"). */
interface ContextOptions {
  /** The instance whose handles and memory they are. */
  readonly instance: ComponentInstance;
  readonly encoding: StringEncoding;
  readonly memory: WebAssembly.Memory | undefined;
  readonly realloc: ((old: number, oldSize: number, alignment: number, size: number) => number) | undefined;
}

const NO_BYTES = new Uint8Array(0);

/**
 * The memory, the instance and the core values of one lift or lower; one object serves every call, since nothing can come
 * in between (Canonical ABI, "Lifting and Lowering Context").
 */
export class CanonicalContext {
  readonly instance: ComponentInstance;
  readonly encoding: StringEncoding;
  readonly #memory: WebAssembly.Memory | undefined;
  readonly #realloc: ContextOptions["realloc"];
  /** The memory as it is; `begin` and `reallocate` keep it up to date. */
  bytes: Uint8Array = NO_BYTES;
  view: DataView = new DataView(NO_BYTES.buffer);
  /** The core values that are lifted from, or lowered to. */
  values: (number | bigint)[] = [];
  /** The next of them to lift. */
  next = 0;
  /** Where the string or list is that was stored last. */
  pointer = 0;
  /** Counts borrowed handles that are lowered. */
  scope: BorrowScope | undefined;
  /** Handles that are lent, and the values that stand for them, while arguments are lifted. */
  lent: Lent[] | undefined;
  /** The handles that are added to its table, while arguments are lowered. */
  added: Added[] | undefined;

  constructor({ instance, encoding, memory, realloc }: ContextOptions) {
    this.instance = instance;
    this.encoding = encoding;
    this.#memory = memory;
    this.#realloc = realloc;
  }

  /** Sees the memory as it is now. */
  begin(): void {
    // The length of a buffer is 0 once its memory has grown.
    if (this.bytes.length === 0) this.#look();
  }

  /** Adds `entry` to the handles of the instance, where it is taken back if the call is refused; returns its number. */
  add(entry: object, given?: GuestResource): number {
    const index = this.instance.handles.add(entry);
    this.added?.push({ index, given });
    return index;
  }

  /** Has the guest allocate, or resize what it has allocated; checks what it returns. */
  reallocate(old: number, oldSize: number, alignment: number, size: number): number {
    const realloc = this.#realloc;
    if (realloc === undefined) trap("there is no realloc");
    const { instance } = this;
    instance.mayLeave = false;
    const pointer = realloc(old, oldSize, alignment, size) >>> 0;
    instance.mayLeave = true;
    this.begin();
    if ((pointer & (alignment - 1)) !== 0) trap("realloc return: result not aligned");
    if (pointer + size > this.bytes.length) trap("realloc return: beyond end of memory");
    return pointer;
  }

  /** Traps unless `size` bytes at `pointer` are in the memory, aligned. */
  check(pointer: number, size: number, alignment: number): void {
    if ((pointer & (alignment - 1)) !== 0) trap("unaligned pointer");
    if (pointer + size > this.bytes.length) trap("pointer out of bounds of memory");
  }

  #look(): void {
    const buffer = this.#memory?.buffer;
    if (buffer === undefined || buffer === this.bytes.buffer && buffer.byteLength === this.bytes.length) {
      return;
    }
    this.bytes = new Uint8Array(buffer);
    this.view = new DataView(buffer);
  }
}

/** A handle that is lent to a call. */
export interface Lent {
  readonly handle: ResourceHandle | GuestResource;
  /** What stands for it in the call. */
  readonly value: GuestResource | undefined;
}

/** A handle that is added for a call. */
interface Added {
  /** Its number in the guest. */
  readonly index: number;
  /** The resource of the guest that is given to it by this. */
  readonly given: GuestResource | undefined;
}

/** The call is over: nothing is lent any more. */
export function giveBack(lent: readonly Lent[]): void {
  for (const { handle, value } of lent) {
    handle.lends--;
    value?.expire();
  }
}
