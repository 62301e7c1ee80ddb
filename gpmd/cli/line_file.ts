import { GhostError } from "../../gmp/errors.ts";

/** Bytes that are read at a time. */
const CHUNK = 1 << 16;

/** The lines of a file that grows and may be replaced by another, such as a log. */
export class LineFile implements Disposable {
  readonly #path: string;
  #file: Deno.FsFile;
  #decoder = new TextDecoder();
  #text = "";

  /**
   * Opens the file at `path`.
   *
   * @throws {GhostError} `STORE_FAULT` when it is not a regular file, and what `Deno.open` throws.
   */
  constructor(path: string) {
    this.#path = path;
    this.#file = open(path);
  }

  /** The complete lines that have been added since the last call. */
  *read(): Generator<string, void, void> {
    yield* this.#rest();
    while (this.#replaced()) {
      this.#file.close();
      this.#file = open(this.#path);
      yield* this.#rest();
    }
  }

  /** Closes the file. */
  [Symbol.dispose](): void {
    this.#file.close();
  }

  *#rest(): Generator<string, void, void> {
    const chunk = new Uint8Array(CHUNK);
    for (let count = this.#file.readSync(chunk); count !== null; count = this.#file.readSync(chunk)) {
      this.#text += this.#decoder.decode(chunk.subarray(0, count), { stream: true });
      const lines = this.#text.split("\n");
      this.#text = lines.pop()!;
      yield* lines;
    }
  }

  /** Whether another file has the name now; as long as none has, the old one is kept. */
  #replaced(): boolean {
    try {
      return Deno.statSync(this.#path).ino !== this.#file.statSync().ino;
    } catch (error) {
      if (error instanceof Deno.errors.NotFound) return false;
      throw error;
    }
  }
}

/** Opens a regular file: a pipe would wait for a writer, and a device never ends. */
function open(path: string): Deno.FsFile {
  if (Deno.statSync(path).isFile) return Deno.openSync(path);
  throw new GhostError("STORE_FAULT", `Cannot read "${path}": it is not a regular file`);
}
