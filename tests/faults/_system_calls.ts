/** Stands between a program and the system calls by which it changes files, in this process: records them, and fails from one on or one. */

/** Functions of Deno that change files, or make changes last. */
const CHANGING = [
  "openSync",
  "mkdirSync",
  "symlinkSync",
  "linkSync",
  "renameSync",
  "removeSync",
  "chmodSync",
] as const;

/** What is thrown where a program was killed: everything that it tries after that fails as well. */
export class Killed extends Error {
  override readonly name = "Killed";
}

/** What becomes of the calls. */
export interface SystemCallOptions {
  /** The number of the call, from 0, instead of which something else happens. */
  readonly at: number;
  /** `killed`: neither it nor any later one is made. Else it fails with this code of the system. */
  readonly how: "killed" | "EIO" | "ENOSPC" | "EPERM";
  /** The number of a later call before which the program is killed. */
  readonly killedAt?: number;
}

/** Records the calls below `root` from its making to its disposal. */
export class SystemCalls implements Disposable {
  /** The calls, such as `renameSync a b`. */
  readonly made: string[] = [];
  readonly #root: string;
  readonly #options: SystemCallOptions | undefined;
  readonly #original: Record<string, unknown> = {};
  readonly #prototype = Object.fromEntries(
    (["writeSync", "syncSync"] as const).map((name) => [name, Deno.FsFile.prototype[name]] as const),
  );
  readonly #paths = new WeakMap<Deno.FsFile, string>();
  #count = 0;

  /** Stands between from now on. */
  constructor(root: string, options?: SystemCallOptions) {
    this.#root = root;
    this.#options = options;
    for (const name of CHANGING) {
      const original = Deno[name] as (...args: unknown[]) => unknown;
      this.#original[name] = original;
      Object.assign(Deno, {
        [name]: (...args: unknown[]) => {
          const paths = args.filter((one) => typeof one === "string");
          if (!paths.every((path) => this.#covers(path))) return original(...args);
          const isReading = name === "openSync" && (args[1] as Deno.OpenOptions | undefined)?.write !== true;
          if (!isReading) this.#call(`${name} ${paths.map((path) => this.#relative(path)).join(" ")}`);
          const result = original(...args);
          if (name === "openSync") this.#paths.set(result as Deno.FsFile, paths[0]!);
          return result;
        },
      });
    }
    // deno-lint-ignore no-this-alias -- the methods have a `this` of their own
    const calls = this;
    for (const [name, original] of Object.entries(this.#prototype)) {
      Object.assign(Deno.FsFile.prototype, {
        [name](this: Deno.FsFile, ...args: unknown[]) {
          const path = calls.#paths.get(this);
          if (path !== undefined) calls.#call(`${name} ${calls.#relative(path)}`);
          return Reflect.apply(original, this, args);
        },
      });
    }
  }

  [Symbol.dispose](): void {
    Object.assign(Deno, this.#original);
    Object.assign(Deno.FsFile.prototype, this.#prototype);
  }

  #call(what: string): void {
    const count = this.#count++;
    const { at, how, killedAt = how === "killed" ? at : Infinity } = this.#options ??
      { at: Infinity, how: "EIO" };
    if (count >= killedAt) throw new Killed(what);
    if (count === at) throw Object.assign(new Error(`${how}: ${what}`), { code: how });
    this.made.push(what);
  }

  #covers(path: string): boolean {
    return path === this.#root || path.startsWith(`${this.#root}/`);
  }

  #relative(path: string): string {
    return path === this.#root ? "." : path.slice(this.#root.length + 1);
  }
}
