import { GhostError } from "../../gmp/errors.ts";
import { storeFault } from "../store/_fault.ts";
import { type EventSink, levelOf } from "./daemon_event.ts";
import { formatLine, type LogFields, type LogLevel } from "./log_line.ts";

/** Name of the log in the store; the log before it has `.1` added. */
export const LOG_FILE = "gpmd.log";
/** Bytes after which a new log is begun, so that both together stay below 10 MiB. */
export const MAX_LOG_SIZE = 5 * 1024 * 1024;

/** Milliseconds between two looks whether the log is still where it was: a look takes as long as a line. */
const LOOK_TIME = 1000;

/** The daemon's log: a line for each event, in two files of a bounded size. */
export class DaemonLog {
  readonly #path: string;
  readonly #echo: ((line: string) => void) | undefined;
  readonly #now: () => number;
  #file: Deno.FsFile | undefined;
  #size = 0;
  #inode: number | null = null;
  #lookedAt = -Infinity;

  /**
   * Opens the log in `home`, which only this daemon uses; `echo` gets every line as well. `now` is a monotonic clock, in
   * milliseconds.
   *
   * @throws {GhostError} `STORE_FAULT` when it is a symbolic link, or cannot be written.
   */
  constructor(home: string, echo?: (line: string) => void, now: () => number = () => performance.now()) {
    this.#now = now;
    this.#path = `${home}/${LOG_FILE}`;
    this.#echo = echo;
    try {
      this.#open();
    } catch (error) {
      throw storeFault(`write the log "${this.#path}"`, error);
    }
  }

  /** Writes a line for each event. */
  readonly sink: EventSink = (event) => {
    const { type, ...fields } = event;
    this.write(levelOf(event), type, fields);
  };

  /** Writes a line. A full disk costs lines, not the daemon. */
  write(level: LogLevel, event: string, fields: LogFields = {}): void {
    const line = formatLine(new Date(), level, event, fields);
    try {
      this.#echo?.(line);
    } catch {
      // it goes to a file on a full disk
    }
    try {
      this.#append(new TextEncoder().encode(`${line}\n`));
    } catch {
      this.close(); // the next line tries to open it again
    }
  }

  /** Closes the file. */
  close(): void {
    this.#file?.close();
    this.#file = undefined;
  }

  #append(bytes: Uint8Array): void {
    if (this.#file !== undefined && this.#wasTaken()) this.close();
    if (this.#size > 0 && this.#size + bytes.length > MAX_LOG_SIZE) {
      this.close();
      this.#rotate();
    }
    const file = this.#file ?? this.#open();
    for (let rest = bytes; rest.length > 0;) rest = rest.subarray(file.writeSync(rest));
    this.#size += bytes.length;
  }

  /**
   * The full log becomes the one before; where something is in the place of that, its lines are lost, and not the next ones.
   * A new file has them, by which `gpmd logs -f` sees that they are others.
   */
  #rotate(): void {
    try {
      Deno.renameSync(this.#path, `${this.#path}.1`);
    } catch (error) {
      if (!(error instanceof Deno.errors.NotFound)) Deno.removeSync(this.#path);
    }
  }

  /** Whether somebody has removed the file, or moved it away: nobody would see what goes into it. */
  #wasTaken(): boolean {
    const now = this.#now();
    if (now - this.#lookedAt < LOOK_TIME) return false;
    this.#lookedAt = now;
    return statIfThere(this.#path)?.ino !== this.#inode;
  }

  #open(): Deno.FsFile {
    const info = statIfThere(this.#path);
    if (info?.isSymlink) {
      throw new GhostError("STORE_FAULT", `Cannot use "${this.#path}": it is a symbolic link`);
    }
    if (info?.isFile === false) { // a pipe would wait for a reader
      throw new GhostError("STORE_FAULT", `Cannot use "${this.#path}": it is not a regular file`);
    }
    this.#size = info?.size ?? 0;
    this.#file = Deno.openSync(this.#path, { append: true, create: true, mode: 0o600 });
    this.#inode = this.#file.statSync().ino;
    return this.#file;
  }
}

function statIfThere(path: string): Deno.FileInfo | undefined {
  try {
    return Deno.lstatSync(path);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return undefined;
    throw error;
  }
}
