/** Bytes of standard error kept to say why an executor did not start. */
const ERROR_TEXT_LIMIT = 2000;

/** An executor's standard error: reports, each a line of JSON, and Deno's own messages when it fails. */
export class ErrorLines {
  readonly #stream: ReadableStream<Uint8Array>;
  #complaint = "";

  /** The lines of `stream`. */
  constructor(stream: ReadableStream<Uint8Array>) {
    this.#stream = stream;
  }

  /** The end of the text that is not a report. */
  get complaint(): string {
    return this.#complaint.trim();
  }

  /** The reports, as they come. */
  async *reports(): AsyncGenerator<string, void, void> {
    const decoder = new TextDecoder();
    let text = "";
    for await (const chunk of this.#stream) {
      const lines = (text + decoder.decode(chunk, { stream: true })).split("\n");
      text = lines.pop()!;
      for (const line of lines) {
        if (line.startsWith("{")) yield line;
        else this.#complain(`${line}\n`);
      }
    }
    this.#complain(text);
  }

  #complain(text: string): void {
    if (text !== "\n") this.#complaint = (this.#complaint + text).slice(-ERROR_TEXT_LIMIT);
  }
}
