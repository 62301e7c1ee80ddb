/** Walks through the lines of a history, from the line being typed and back to it. */
export class HistoryWalk {
  readonly #lines: readonly string[];
  /** How many lines back; 0 is the line being typed. */
  #back = 0;
  /** The line being typed, while another is shown instead. */
  #draft = "";

  /** `lines` has the latest last. */
  constructor(lines: readonly string[]) {
    this.#lines = lines;
  }

  /** The line one `step` further back, or nothing at either end; `current` is the one shown now. */
  move(step: 1 | -1, current: string): string | undefined {
    const back = this.#back + step;
    if (back < 0 || back > this.#lines.length) return undefined;
    if (this.#back === 0) this.#draft = current;
    this.#back = back;
    return back === 0 ? this.#draft : this.#lines[this.#lines.length - back]!;
  }
}

/** A search in a history for lines that contain a text, from the latest. */
export class HistorySearch {
  readonly #lines: readonly string[];
  #at: number;
  #text = "";
  #found = true;

  /** `lines` has the latest last. */
  constructor(lines: readonly string[]) {
    this.#lines = lines;
    this.#at = lines.length;
  }

  /** What is looked for. */
  get text(): string {
    return this.#text;
  }

  /** Whether a line contains it; if none does, `line` is the last that was found. */
  get found(): boolean {
    return this.#found;
  }

  /** The line that was found, empty before there is one. */
  get line(): string {
    return this.#lines[this.#at] ?? "";
  }

  /** Looks for `text` instead: from the line that was found on, or, for one that is shorter, from the latest. */
  search(text: string): void {
    const from = text.startsWith(this.#text) ? this.#at : this.#lines.length;
    this.#text = text;
    if (text !== "") return this.#look(from);
    this.#at = this.#lines.length;
    this.#found = true;
  }

  /** Looks for an earlier line, other than the one that was found. */
  earlier(): void {
    const { line } = this;
    this.#look(this.#at - 1, line);
  }

  #look(from: number, other?: string): void {
    for (let at = Math.min(from, this.#lines.length - 1); at >= 0; at--) {
      const line = this.#lines[at]!;
      if (line === other || !line.includes(this.#text)) continue;
      this.#at = at;
      this.#found = true;
      return;
    }
    this.#found = false;
  }
}
