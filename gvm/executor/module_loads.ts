import {
  type CompiledModule,
  compileModule,
  ModuleCache,
  type ModuleIdentity,
} from "../engine/compiled_module.ts";
import type { ExecutionLimits } from "../engine/execution_limits.ts";
import type { Asker } from "../engine/session_room.ts";
import type { LoadWatch } from "./watchdog.ts";

/** One module that is being checked and compiled, for everyone who asked for it. */
class Load {
  readonly #askers: Asker[] = [];
  #mark: number | undefined;

  constructor(readonly watch: LoadWatch) {}

  ask(asker: Asker): void {
    this.#askers.push(asker);
    if (this.#mark !== undefined) this.watch.ask(this.#mark, asker);
  }

  /** From here on its time counts. */
  begin(bytes: number): void {
    this.#mark = this.watch.begin(bytes);
    for (const asker of this.#askers) this.watch.ask(this.#mark, asker);
  }

  end(): void {
    if (this.#mark !== undefined) this.watch.end(this.#mark);
  }
}

/**
 * The modules of an executor, each loaded once however many ask for it. Checking and compiling a module
 * counts against the time limit of whoever asked; fetching does not, since the node limits it.
 */
export class ModuleLoads {
  readonly #cache = new ModuleCache();
  readonly #underWay = new Map<string, Load>();

  /** Loads within `limits`, watched by `watch`. */
  constructor(readonly limits: ExecutionLimits, readonly watch: () => LoadWatch) {}

  /** The module with that content for `asker`, made from what `fetch` returns. */
  get<Identity extends ModuleIdentity>(
    identity: Identity,
    asker: Asker,
    fetch: (identity: Identity) => Promise<Uint8Array<ArrayBuffer>>,
  ): Promise<CompiledModule> {
    this.#underWay.get(identity.hash)?.ask(asker);
    return this.#cache.get(identity, () => this.#load(identity, asker, fetch));
  }

  async #load<Identity extends ModuleIdentity>(
    identity: Identity,
    asker: Asker,
    fetch: (identity: Identity) => Promise<Uint8Array<ArrayBuffer>>,
  ): Promise<{ module: CompiledModule; bytes: number }> {
    const load = new Load(this.watch());
    load.ask(asker);
    this.#underWay.set(identity.hash, load);
    try {
      const bytes = await fetch(identity);
      const { length } = bytes;
      load.begin(length);
      return { module: await compileModule(bytes, identity, this.limits, { spend: true }), bytes: length };
    } finally {
      load.end();
      this.#underWay.delete(identity.hash);
    }
  }
}
