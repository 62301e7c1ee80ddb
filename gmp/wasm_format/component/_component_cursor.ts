import { ByteReader } from "../_byte_reader.ts";

/**
 * The limit for all that a component lists: definitions, declarations, fields, cases, parameters, arguments, exports, options, those of
 * nested components and types included. Each becomes an object of some 100 bytes, and no compiler's output comes near.
 */
const MAX_ITEMS = 100_000;

/** Bytes of all names together; as for modules. */
const MAX_NAME_BYTES = 1 << 24;

/** How deep components and types of components, instances and modules may be nested together. */
const MAX_NESTING = 64;

/** What the reading of one file may still take; shared by the cursors of all its parts. */
export class ReadingBudget {
  #items = MAX_ITEMS;
  #nameBytes = MAX_NAME_BYTES;
  #depth = 0;

  /** Takes `count` listed items. */
  takeItems(cursor: ComponentCursor, count: number): void {
    if (count > this.#items) {
      cursor.fail(`there are over ${MAX_ITEMS} definitions and parts of them together`);
    }
    this.#items -= count;
  }

  /** Reads a name. */
  takeName(cursor: ComponentCursor): string {
    const start = cursor.offset;
    const name = cursor.name(this.#nameBytes, `the names have over ${MAX_NAME_BYTES} bytes together`);
    this.#nameBytes -= cursor.offset - start;
    return name;
  }

  /** Goes one level deeper, until {@linkcode leave}. */
  enter(cursor: ComponentCursor): void {
    if (this.#depth === MAX_NESTING) cursor.fail(`components and types are nested over ${MAX_NESTING} deep`);
    this.#depth += 1;
  }

  leave(): void {
    this.#depth -= 1;
  }
}

/** A cursor over one section of a component, which keeps to the budget of the whole file. */
export class ComponentCursor extends ByteReader {
  /** The whole file. */
  readonly bytes: Uint8Array;
  readonly budget: ReadingBudget;

  constructor(bytes: Uint8Array, budget: ReadingBudget, part: string, start: number, end: number) {
    super(bytes, part, start, end);
    this.bytes = bytes;
    this.budget = budget;
  }

  /** A name. */
  text(): string {
    return this.budget.takeName(this);
  }

  /** A vector; `what` names its items in errors. */
  list<T>(what: string, read: (cursor: ComponentCursor) => T): T[] {
    const count = this.count(what, MAX_ITEMS);
    this.budget.takeItems(this, count);
    const items: T[] = [];
    for (let i = 0; i < count; i++) items.push(read(this));
    return items;
  }

  /** What may be there: a byte that says whether it is, then itself. */
  optional<T>(what: string, read: (cursor: ComponentCursor) => T): T | undefined {
    return this.flag(what) ? read(this) : undefined;
  }

  /** A byte that is 0 or 1; `what` names it in errors. */
  flag(what: string): boolean {
    const value = this.byte();
    if (value > 1) this.fail(`the ${what} is ${hex(value)}, neither 0 nor 1`, this.offset - 1);
    return value === 1;
  }

  /** A byte that must be 0. */
  zero(what: string): void {
    const value = this.byte();
    if (value !== 0) this.fail(`the ${what} is ${hex(value)}, not 0`, this.offset - 1);
  }

  /** Runs `read` one level deeper. */
  nest<T>(read: (cursor: ComponentCursor) => T): T {
    this.budget.enter(this);
    const result = read(this);
    this.budget.leave();
    return result;
  }

  /** Throws the error for a byte, the last one read, that stands for no `what`. */
  unknown(what: string): never {
    const at = this.offset - 1;
    this.fail(`${hex(this.bytes[at]!)} is no ${what}`, at);
  }
}

function hex(byte: number): string {
  return `0x${byte.toString(16).padStart(2, "0")}`;
}
