import { onOneLine } from "../language/on_one_line.ts";

/** Most lines that are remembered. */
const LINES = 1000;
/** Size of the file in bytes beyond which only the remembered lines are kept. */
const LARGEST_FILE = 1 << 20;

/**
 * The lines of earlier runs and of this one, in the store's file `history`, which only its owner may read.
 * The file is opened once, so that the permission to open files can be given up afterwards.
 */
export class History {
  /** The lines, the latest last. */
  readonly lines: string[];
  readonly #file: Deno.FsFile | undefined;

  private constructor(lines: string[], file: Deno.FsFile | undefined) {
    this.lines = lines;
    this.#file = file;
  }

  /**
   * Opens the history in `home`. Without permission or room to write, or if the file is a symbolic link, it
   * is kept in memory only.
   */
  static open(home: string): History {
    const path = `${home}/history`;
    try {
      if (isLink(path)) return new History([], undefined);
      const file = Deno.openSync(path, { read: true, append: true, create: true, mode: 0o600 });
      const text = readAll(file);
      const lines = text.split("\n").filter((line) => line !== "").slice(-LINES);
      if (text.length > LARGEST_FILE) {
        file.truncateSync(0);
        writeAll(file, lines.map((line) => `${line}\n`).join(""));
      }
      return new History(lines, file);
    } catch (error) {
      if (error instanceof Deno.errors.NotCapable || error instanceof Deno.errors.PermissionDenied) {
        return new History([], undefined);
      }
      if (error instanceof Error && "code" in error) return new History([], undefined);
      throw error;
    }
  }

  /** Remembers `line`, on one line, unless it repeats the latest. */
  add(line: string): void {
    const flat = onOneLine(line);
    if (flat.trim() === "" || flat === this.lines.at(-1)) return;
    this.lines.push(flat);
    if (this.lines.length > LINES) this.lines.shift();
    if (this.#file !== undefined) writeAll(this.#file, `${flat}\n`);
  }

  /** Closes the file. */
  close(): void {
    this.#file?.close();
  }
}

function isLink(path: string): boolean {
  try {
    return Deno.lstatSync(path).isSymlink;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false;
    throw error;
  }
}

function readAll(file: Deno.FsFile): string {
  const bytes = new Uint8Array(Math.min(file.statSync().size, 4 * LARGEST_FILE));
  let filled = 0;
  for (let count = 0; filled < bytes.length; filled += count) {
    count = file.readSync(bytes.subarray(filled)) ?? 0;
    if (count === 0) break;
  }
  return new TextDecoder().decode(bytes.subarray(0, filled));
}

function writeAll(file: Deno.FsFile, text: string): void {
  let rest = new TextEncoder().encode(text);
  try {
    while (rest.length > 0) rest = rest.subarray(file.writeSync(rest));
  } catch {
    // A full disk must not end the prompt: the line is remembered until it ends.
  }
}
