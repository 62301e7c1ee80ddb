import type { GhostNode } from "../node/ghost_node.ts";
import { slotAtEnd } from "./parser.ts";
import type { KnownModule, Vocabulary } from "./suggest.ts";

type Functions = NonNullable<KnownModule["functions"]>;

/** Functions that are not called by name. */
const ENTRY_POINTS: ReadonlySet<string> = new Set(["_start", "_initialize"]);
/** Modules whose functions are remembered. */
const REMEMBERED = 100;
/** How long a line may wait for the functions of a module, in milliseconds: they are there for the next key. */
const PATIENCE = 200;

/** The names that can be suggested, as a node knows them: those of functions are looked up when a line comes to them. */
export class LiveVocabulary {
  readonly #node: GhostNode;
  #modules: readonly KnownModule[] = [];
  #nodes: readonly string[] = [];
  readonly #functions = new Map<string, Promise<Functions>>();

  /** What `node` knows. */
  constructor(node: GhostNode) {
    this.#node = node;
  }

  /** Asks for nodes and modules again. */
  async refresh(): Promise<void> {
    const [nodes, modules] = await Promise.all([this.#node.discover(), this.#node.modules()]);
    this.#nodes = nodes;
    this.#modules = modules;
    this.#functions.clear();
  }

  /** The names for the line `text`. */
  async for(text: string): Promise<Vocabulary> {
    const connected = this.#node.list();
    const slot = slotAtEnd(text);
    if (slot?.kind !== "function" && slot?.kind !== "argument") {
      return { nodes: this.#nodes, connected, modules: this.#modules };
    }
    const { module, version } = slot;
    const functions = await this.#functionsOf(module.text, version?.text);
    const modules = this.#modules.map((one) => one.name === module.text ? { ...one, functions } : one);
    return { nodes: this.#nodes, connected, modules };
  }

  async #functionsOf(module: string, version: string | undefined): Promise<Functions> {
    if (!this.#modules.some(({ name }) => name === module)) return [];
    const key = version === undefined ? module : `${module}@${version}`;
    let known = this.#functions.get(key);
    if (known === undefined) {
      if (this.#functions.size >= REMEMBERED) this.#functions.clear();
      known = this.#node.describe(key).then(
        ({ functions }) => functions.filter(({ name }) => !ENTRY_POINTS.has(name)),
        () => [], // without GPMD, or of a version that there is not, nothing is known
      );
      this.#functions.set(key, known);
    }
    let timer: ReturnType<typeof setTimeout> | undefined;
    const late = new Promise<Functions>((resolve) => timer = setTimeout(() => resolve([]), PATIENCE));
    try {
      return await Promise.race([known, late]);
    } finally {
      clearTimeout(timer);
    }
  }
}
