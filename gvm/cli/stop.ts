/** The exit code of a command that a signal ended: 128 and the signal's number. */
const EXIT_CODES = { SIGINT: 130, SIGTERM: 143, SIGHUP: 129 } as const;

type StopSignal = keyof typeof EXIT_CODES;

const SIGNALS = (Deno.build.os === "windows" ? ["SIGINT"] : Object.keys(EXIT_CODES)) as StopSignal[];

/**
 * Listens for the signals that end a command, so that it can clean up. The first decides the exit code; a
 * second says that the user will not wait any longer.
 */
export class Stop implements Disposable {
  readonly #stopped = new AbortController();
  readonly #hurried = new AbortController();
  readonly #listeners = SIGNALS.map((name) => [name, () => this.#stop(EXIT_CODES[name])] as const);
  #exitCode: number | undefined;

  /** Listens from now on, until disposed. */
  constructor() {
    for (const [name, listener] of this.#listeners) Deno.addSignalListener(name, listener);
  }

  /** Aborts when the command has to end. */
  get signal(): AbortSignal {
    return this.#stopped.signal;
  }

  /** Aborts at the second signal. */
  get hurry(): AbortSignal {
    return this.#hurried.signal;
  }

  /** The exit code, if it has to end. */
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
