import { GhostError } from "../../gmp/errors.ts";

/** Bytes that are read at a time. */
const CHUNK = 1 << 16;

/** The lines of a file that grows, and that another may take the place of, as with a log. */
export class LineFile implements Disposable {
  readonly #path: string;
  #file: Deno.FsFile;
  #decoder = new TextDecoder();
  #text = "";

  /** Opens the file at `path`. @throws {GhostError} `STORE_FAULT` when it is no regular file, and what `Deno.open` throws. */
  constructor(path: string) {
    this.#path = path;
    this.#file = open(path);
  }

  /** The lines that are complete since the last time. */
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

  /** Whether another file has the name by now; while none has, the old one is kept. */
  #replaced(): boolean {
    try {
      return Deno.statSync(this.#path).ino !== this.#file.statSync().ino;
    } catch (error) {
      if (error instanceof Deno.errors.NotFound) return false;
      throw error;
    }
  }
}

/** A pipe would wait for a writer, and a device never ends. */
function open(path: string): Deno.FsFile {
  if (Deno.statSync(path).isFile) return Deno.openSync(path);
  throw new GhostError("STORE_FAULT", `Cannot read "${path}": it is not a regular file`);
}
