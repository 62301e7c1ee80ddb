import { untilAborted } from "../../gmp/async/until_aborted.ts";
import { type ErrorCode, GhostError } from "../../gmp/errors.ts";
import { type ModuleName, writeHash, writeModuleName } from "../../gmp/names.ts";
import type { FunctionReference, RunHandle, RunRequest, WantedFunction } from "../calls/session_calls.ts";
import type { SessionClient } from "../calls/session_client.ts";
import type { GpmdModules } from "../gpmd/gpmd_modules.ts";

/** Modules known to be at nodes of other devices; beyond that, they are looked up again. */
const REMEMBERED = 1000;

/** The answers after which a module of one's own may do: it is not there, or only what is brought may be called. */
const OPEN: ReadonlySet<ErrorCode> = new Set(["MODULE_NOT_FOUND", "VERSION_NOT_FOUND", "NOT_GRANTED"]);

/**
 * Calls to nodes of other devices with modules that those devices may not have: one that only this device has is named
 * again with its hash, and the other device fetches it by that.
 */
export class Shipping {
  readonly #modules: GpmdModules;
  /** What to run, by node and by name: with a hash if the other device does not know the name. */
  #found = new Map<string, ModuleName>();

  /** Ships what `modules` has. */
  constructor(modules: GpmdModules) {
    this.#modules = modules;
  }

  /** Forgets what is where: modules have changed. */
  changed(): void {
    this.#found = new Map();
  }

  /**
   * Looks up a function at the node `on`, whose session this is.
   *
   * @throws {GhostError} as `SessionClient.resolve`; `HASH_MISMATCH` when a version that was named has other bytes there than
   * here; `NOT_GRANTED` when the module is only here and may not be brought.
   */
  resolve(session: SessionClient, on: string, wanted: WantedFunction): Promise<FunctionReference> {
    return this.#ship(on, wanted, (module) => session.resolve({ ...wanted, ...module }));
  }

  /** A session that runs modules at the node `on` as {@linkcode Shipping.resolve} looks functions up. */
  runner(session: SessionClient, on: string): Pick<SessionClient, "run"> {
    return { run: (request) => this.#run(session, on, request) };
  }

  async #run(session: SessionClient, on: string, request: RunRequest): Promise<RunHandle> {
    const key = `${on} ${writeModuleName(request)}`;
    const found = this.#found; // what is found for it is forgotten with it, even if modules change meanwhile
    const known = found.get(key);
    if (known !== undefined) return await session.run({ ...request, ...known });
    const { module, version, hash } = request;
    let target: ModuleName = { module, version, hash };
    // Input that was sent could not be sent again, so the module is looked up before the run begins.
    const finding = this.#ship(on, target, (module) => {
      target = module;
      return session.find(module);
    });
    await untilAborted(finding, request.signal);
    if (found.size >= REMEMBERED) found.clear();
    found.set(key, target);
    return await session.run({ ...request, ...target });
  }

  async #ship<Found extends { readonly hash: string }>(
    on: string,
    { module, version, hash }: ModuleName,
    ask: (module: ModuleName) => Promise<Found>,
  ): Promise<Found> {
    let found: Found;
    try {
      found = await ask({ module, version, hash });
    } catch (error) {
      const isPossible = hash === undefined && error instanceof GhostError && OPEN.has(error.code);
      const own = isPossible ? await this.#modules.published({ module, version }) : undefined;
      if (own === undefined) throw error;
      try {
        return await ask({ module, version: own.version, hash: own.hash });
      } catch (refusal) {
        // That the caller may not call it by its name says more than that it may not bring it either.
        throw isPossible && error.code === "NOT_GRANTED" && isRefusal(refusal) ? error : refusal;
      }
    }
    if (version === undefined || hash !== undefined) return found;
    const own = await this.#modules.published({ module, version });
    if (own !== undefined && own.hash !== found.hash) {
      throw twoContents(on, { module, version }, own.hash, found.hash);
    }
    return found;
  }
}

function isRefusal(error: unknown): boolean {
  return error instanceof GhostError && error.code === "NOT_GRANTED";
}

/** A version that was named stands for one content here and for another there: it is not clear which is meant. */
function twoContents(on: string, name: ModuleName, here: string, there: string): GhostError {
  return new GhostError(
    "HASH_MISMATCH",
    `Cannot use ${writeModuleName(name)} on "${on}": it is ${writeHash(here)} here and ${
      writeHash(there)
    } there; ` +
      `name the one that is meant, such as ${name.module}@${writeHash(there)}`,
    { details: { here, there } },
  );
}
