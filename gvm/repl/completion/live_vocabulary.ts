import { type ModuleName, writeModuleName } from "../../../gmp/names.ts";
import type { GhostNode } from "../../node/ghost_node.ts";
import { Lookup } from "../language/lookup.ts";
import { moduleOf } from "../module_of.ts";
import type { ParsedLine } from "../language/parser.ts";
import { type KnownModule, type KnownResource, placeOf, type Vocabulary } from "./vocabulary.ts";

type Functions = NonNullable<KnownModule["functions"]>;

/** Functions that are not called by name. */
const ENTRY_POINTS: ReadonlySet<string> = new Set(["_start", "_initialize"]);
/** Most modules whose functions are remembered. */
const REMEMBERED = 100;
/**
 * Longest function name that is suggested, in characters; a module may have names of megabytes, which nobody
 * types.
 */
const MAX_NAME = 1000;
/** Milliseconds after which nodes and modules are asked for again: they may change while a line is typed. */
const FRESH = 1000;

interface Names {
  readonly nodes: readonly string[];
  readonly modules: readonly KnownModule[];
}

/** The names that a node can suggest; functions are looked up when a line needs them. */
export class LiveVocabulary {
  readonly #node: GhostNode;
  readonly #late: () => void;
  readonly #files: (typed: string) => Promise<readonly string[]>;
  readonly #resources: () => readonly KnownResource[];
  #known: Names = { nodes: [], modules: [] };
  #asked: { readonly names: Lookup<Names>; readonly time: number } | undefined;
  readonly #functions = new Map<string, Lookup<Functions>>();

  /** Asks `node`, for paths `files`, and for what lines have made `resources`; calls `late` when a name arrives that a line did not wait for. */
  constructor(
    node: GhostNode,
    late: () => void,
    files: (typed: string) => Promise<readonly string[]> = () => Promise.resolve([]),
    resources: () => readonly KnownResource[] = () => [],
  ) {
    this.#files = files;
    this.#resources = resources;
    this.#node = node;
    this.#late = late;
  }

  /** Called when a line begins: names are asked for again. */
  renew(): void {
    this.#functions.clear();
    this.#asked = undefined;
    this.#names();
  }

  /** The names for a line. */
  async for({ text, slot }: ParsedLine): Promise<Vocabulary> {
    if (slot?.kind === "file") {
      const typed = text.slice(slot.start).replace(/^["']/, "");
      return { nodes: [], connected: [], modules: [], files: await this.#files(typed) };
    }
    const { nodes, modules } = this.#known = await this.#names().get() ?? this.#known;
    const others = nodes.filter((name) => name !== this.#node.name);
    const connected = this.#node.list();
    const resources = this.#resources();
    if (slot?.kind !== "function" && slot?.kind !== "argument") {
      return { nodes: others, connected, modules, resources };
    }
    const known = { nodes: others, connected, modules, resources };
    const { module } = placeOf(slot, known);
    const functions = await this.#functionsOf({ ...moduleOf(slot), module });
    const hole = slot.kind === "argument" ? slot.hole : undefined;
    const files = hole?.kind === "file" ? { files: await this.#files(text.slice(hole.start)) } : {};
    return {
      ...known,
      modules: modules.map((one) => one.name === module ? { ...one, functions } : one),
      ...files,
    };
  }

  #names(): Lookup<Names> {
    const now = performance.now();
    if (this.#asked === undefined || now - this.#asked.time > FRESH) {
      const asked = Promise.all([this.#node.discover(), this.#node.modules()]);
      const names = asked.then(([nodes, modules]) => ({ nodes, modules }));
      this.#asked = { names: new Lookup(names, this.#late), time: now };
    }
    return this.#asked.names;
  }

  async #functionsOf(wanted: ModuleName): Promise<Functions> {
    if (!this.#known.modules.some(({ name }) => name === wanted.module)) return [];
    const key = writeModuleName(wanted);
    let known = this.#functions.get(key);
    if (known === undefined) {
      if (this.#functions.size >= REMEMBERED) this.#functions.clear();
      const found = this.#node.describe(wanted).then(({ functions }) =>
        functions.filter(({ name }) => !ENTRY_POINTS.has(name) && name.length <= MAX_NAME)
      );
      known = new Lookup(found, this.#late);
      this.#functions.set(key, known);
    }
    // Without GPMD, or for an unknown version, there are none.
    return await known.get() ?? [];
  }
}
