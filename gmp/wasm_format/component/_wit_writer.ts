/** Lines of text with indentation, up to a limit: types of a few bytes may describe billions of parts. */
export class WitWriter {
  readonly #limit: number;
  readonly #lines: string[] = [];
  #indent = "";
  #length = 0;
  /** Characters that parts of types may still take, by a low estimate: one each, and those of names. */
  #left: number;

  /** Takes `limit` characters. */
  constructor(limit: number) {
    this.#limit = limit;
    this.#left = limit;
  }

  get #isFull(): boolean {
    return this.#length > this.#limit;
  }

  /** Adds a line. */
  line(text: string): void {
    if (this.#isFull) return;
    const line = text === "" ? "" : this.#indent + text;
    this.#length += line.length + 1;
    this.#lines.push(this.#isFull ? "…" : line);
  }

  /** Adds `head {`, what `write` adds, and `}`. */
  block(head: string, write: () => void): void {
    this.line(`${head} {`);
    this.#indent += "  ";
    write();
    this.#indent = this.#indent.slice(2);
    this.line("}");
  }

  /** Whether one more part may be written out. */
  spend(characters = 1): boolean {
    this.#left -= characters;
    return this.#left >= 0 && !this.#isFull;
  }

  /** A name where a type is used; those above the limit are left out. */
  name(text: string): string {
    return this.spend(text.length) ? text : "…";
  }

  /** Items with commas between them; those above the limit are left out. */
  list<T>(items: readonly T[], write: (item: T) => string): string {
    const written: string[] = [];
    for (const item of items) {
      if (!this.spend()) return [...written, "…"].join(", ");
      written.push(write(item));
    }
    return written.join(", ");
  }

  /** The text. */
  end(): string {
    return this.#lines.join("\n");
  }
}
