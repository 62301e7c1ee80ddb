import type { OutputStream } from "../engine/output.ts";
import type { ReplConsole } from "./evaluate.ts";

/** A call's output so far. */
export class Written {
  /** Whether it wrote anything. */
  any = false;
  #lineEnded = true;
  readonly #console: ReplConsole;
  readonly #quiet: boolean;

  /** What is written goes to `console`; if `quiet`, only standard error. */
  constructor(console: ReplConsole, quiet: boolean) {
    this.#console = console;
    this.#quiet = quiet;
  }

  /** Takes output. */
  readonly take = (bytes: Uint8Array, stream: OutputStream): void => {
    if (bytes.length === 0) return;
    if (this.#quiet) return stream === "stderr" ? this.#console.write(bytes, stream) : undefined;
    this.any = true;
    this.#lineEnded = bytes[bytes.length - 1] === 10;
    this.#console.write(bytes, stream);
  };

  /** Makes what follows start on a new line, as itself. */
  endLine(): void {
    this.#console.restore?.();
    if (!this.#lineEnded) this.#console.print("");
    this.#lineEnded = true;
  }
}
