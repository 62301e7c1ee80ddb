import { GhostError } from "../../gmp/errors.ts";
import type { MemoryType } from "../../gmp/wasm_format/module_description.ts";
import { growthOf, importedMemoryLimits, PAGE_BYTES, shareOut } from "./limit_module.ts";

/**
 * Bytes of dropped memories after which they are collected: V8 takes its time, and unused memory fills the
 * machine too.
 */
const GARBAGE_LIMIT = 1 << 27;

/** The memory and tables that instances share: those of one session, or of all sessions of an executor. */
export class MemoryBudget {
  readonly #whose: string;
  readonly #parent: MemoryBudget | undefined;
  readonly #collect: (() => void) | undefined;
  readonly #instances = new Set<InstanceMemory>();
  #bytes = 0;
  #elements = 0;
  #garbage = 0;

  /**
   * A budget of `bytes` and of table `elements`; messages name its owner, `whose`; `parent` must have room
   * too. `collect` frees dropped memory.
   */
  constructor(
    readonly limits: { readonly memory: number; readonly tableElements: number },
    { whose, parent, collect }: { whose: string; parent?: MemoryBudget; collect?: () => void },
  ) {
    this.#whose = whose;
    this.#parent = parent;
    this.#collect = collect;
  }

  /** Bytes in use by instances. */
  get bytes(): number {
    return this.#bytes;
  }

  /**
   * Makes a new instance's `memories`, with so many initial table `elements`. They may grow as far as the
   * budget now allows, but not beyond their own maxima, nor together by more than `growth` bytes.
   *
   * @throws {GhostError} `MEMORY_LIMIT` when there is no room for its initial size.
   */
  make(memories: readonly MemoryType[], elements: number, what: string, growth = Infinity): InstanceMemory {
    const needed = memories.reduce((sum, { minimum }) => sum + minimum, 0) * PAGE_BYTES;
    const room = this.room();
    this.#expectRoom(needed, elements, what);
    const free = Math.floor(Math.min(room - needed, growth) / PAGE_BYTES);
    const made = new InstanceMemory(this, memories, free, elements);
    this.#add(made);
    return made;
  }

  /** Bytes of memory that instances could take now; 0 while they exceed the budget. */
  room(): number {
    // Instances that were called directly have not reported how far they have grown.
    for (const instance of this.#instances) instance.measure();
    return Math.max(0, Math.min(this.limits.memory - this.#bytes, this.#parent?.room() ?? Infinity));
  }

  /** @throws {GhostError} `MEMORY_LIMIT` while all instances together exceed the budget. */
  check(): void {
    const { memory } = this.limits;
    if (this.#bytes > memory) {
      throw new GhostError(
        "MEMORY_LIMIT",
        `The memories of ${this.#whose} have ${this.#bytes} bytes together, above the limit of ${memory} bytes`,
        { details: { needed: this.#bytes, limit: memory } },
      );
    }
    this.#parent?.check();
  }

  /** An instance has grown by `bytes`. */
  grow(bytes: number): void {
    this.#bytes += bytes;
    this.#parent?.grow(bytes);
  }

  /** `instance` is gone, and with it `bytes` and `elements`. */
  drop(instance: InstanceMemory, bytes: number, elements: number): void {
    this.#instances.delete(instance);
    this.#bytes -= bytes;
    this.#elements -= elements;
    this.#garbage += bytes;
    if (this.#garbage >= GARBAGE_LIMIT) {
      this.#garbage = 0;
      this.#collect?.();
    }
    this.#parent?.drop(instance, bytes, elements);
  }

  /** Stops counting all instances that are left: nobody can use them any more. */
  end(): void {
    for (const instance of this.#instances) instance.drop();
  }

  /** @throws {GhostError} `MEMORY_LIMIT` when there is no room for that, as was measured last. */
  #expectRoom(needed: number, elements: number, what: string): void {
    const parent = this.#parent;
    if (parent !== undefined) parent.#expectRoom(needed, elements, what);
    const { memory, tableElements } = this.limits;
    const left = memory - this.#bytes;
    if (needed > left) throw this.#refusal(what, "memory", "bytes", needed, memory, left);
    const free = tableElements - this.#elements;
    if (elements > free) throw this.#refusal(what, "tables", "elements", elements, tableElements, free);
  }

  #refusal(
    what: string,
    part: string,
    unit: string,
    needed: number,
    limit: number,
    left: number,
  ): GhostError {
    return new GhostError(
      "MEMORY_LIMIT",
      `Cannot instantiate ${what}: its ${part} needs ${needed} ${unit} at the start, and ${
        Math.max(0, left)
      } of the ${limit} ${unit} of ${this.#whose} are left`,
      { details: { needed, limit } },
    );
  }

  #add(instance: InstanceMemory): void {
    this.#instances.add(instance);
    this.#elements += instance.elements;
    if (this.#parent !== undefined) this.#parent.#add(instance);
  }
}

/** A memory and what was last seen of it: a buffer loses its length once its memory has grown. */
interface Seen {
  readonly memory: WebAssembly.Memory;
  readonly isShared: boolean;
  buffer: ArrayBufferLike;
  size: number;
}

/** The memories of one instance, counted until it is dropped. */
export class InstanceMemory {
  readonly #budget: MemoryBudget;
  readonly #seen: readonly Seen[];
  #bytes = 0;
  #dropped = false;

  /**
   * Makes memories of these types, which together may grow by `free` pages; tables have so many `elements`.
   */
  constructor(budget: MemoryBudget, types: readonly MemoryType[], free: number, readonly elements: number) {
    this.#budget = budget;
    const growths = shareOut(types.map(growthOf), free);
    this.#seen = types.map((type, index) => {
      const limits = importedMemoryLimits({ ...type, maximum: type.minimum + growths[index]! });
      const memory = new WebAssembly.Memory(limits);
      return { memory, isShared: type.shared, buffer: memory.buffer, size: 0 };
    });
    this.measure();
  }

  /** The memories, in the order of their types. */
  get memories(): WebAssembly.Memory[] {
    return this.#seen.map(({ memory }) => memory);
  }

  /** Counts the instance's growth. */
  measure(): void {
    for (const seen of this.#seen) {
      // A memory that has not grown needs no further look: every call comes through here.
      if (seen.size > 0 && seen.buffer.byteLength === seen.size && !seen.isShared) continue;
      this.#remeasure(seen);
    }
  }

  /**
   * Called when the instance gives the thread back.
   *
   * @throws {GhostError} `MEMORY_LIMIT` when it has grown, and all instances together exceed the budget.
   */
  settle(): void {
    const before = this.#bytes;
    this.measure();
    if (this.#bytes > before) this.#budget.check();
  }

  /**
   * Counts `bytes` more that the host keeps for the instance, or with a negative number fewer.
   *
   * @throws {GhostError} `MEMORY_LIMIT` when all instances together would exceed the budget.
   */
  hold(bytes: number): void {
    if (this.#dropped) return;
    this.#bytes += bytes;
    this.#budget.grow(bytes);
    try {
      if (bytes > 0) this.#budget.check();
    } catch (error) {
      this.#bytes -= bytes;
      this.#budget.grow(-bytes);
      throw error;
    }
  }

  /** Stops counting it. */
  drop(): void {
    if (this.#dropped) return;
    this.measure();
    this.#dropped = true;
    this.#budget.drop(this, this.#bytes, this.elements);
  }

  #remeasure(seen: Seen): void {
    seen.buffer = seen.memory.buffer;
    const { byteLength } = seen.buffer;
    const grown = byteLength - seen.size;
    seen.size = byteLength;
    if (this.#dropped || grown === 0) return;
    this.#bytes += grown;
    this.#budget.grow(grown);
  }
}
