/** The exit code of a command that a signal ended: 128 and the signal's number. */
const EXIT_CODES = { SIGINT: 130, SIGTERM: 143, SIGHUP: 129 } as const;

type StopSignal = keyof typeof EXIT_CODES;

const SIGNALS = (Deno.build.os === "windows" ? ["SIGINT"] : Object.keys(EXIT_CODES)) as StopSignal[];

/**
 * Hears the signals that end a command, so that it can put away what it has. The first one decides the exit code; a second one
 * says that whoever sent it will not wait for others.
 */
export class Stop implements Disposable {
  readonly #stopped = new AbortController();
  readonly #hurried = new AbortController();
  readonly #listeners = SIGNALS.map((name) => [name, () => this.#stop(EXIT_CODES[name])] as const);
  #exitCode: number | undefined;

  /** Hears from now on, until it is disposed of. */
  constructor() {
    for (const [name, listener] of this.#listeners) Deno.addSignalListener(name, listener);
  }

  /** Aborted when the command is to end. */
  get signal(): AbortSignal {
    return this.#stopped.signal;
  }

  /** Aborted when it was told to end once more. */
  get hurry(): AbortSignal {
    return this.#hurried.signal;
  }

  /** With what it is to end, if it is. */
  get exitCode(): number | undefined {
    return this.#exitCode;
  }

  [Symbol.dispose](): void {
    for (const [name, listener] of this.#listeners) Deno.removeSignalListener(name, listener);
  }

  #stop(exitCode: number): void {
    if (this.#exitCode !== undefined) return this.#hurried.abort();
    this.#exitCode = exitCode;
    this.#stopped.abort();
  }
}
