import type { GhostNode } from "../node/ghost_node.ts";
import type { Vocabulary } from "./suggest.ts";

/** How long names are taken to be those of the moment, in milliseconds. */
const FRESH_TIME = 1000;

type Functions = readonly { name: string; signature: string }[];

/** The names that can be suggested: asked for in the background, and of a module's functions only when it is being typed. */
export class Words {
  readonly #node: GhostNode;
  readonly #functions = new Map<string, Functions>();
  #vocabulary: Vocabulary = { nodes: [], connected: [], modules: [] };
  #askedAt = -Infinity;

  /** The names that `node` knows. */
  constructor(node: GhostNode) {
    this.#node = node;
  }

  /** What is known so far. */
  get vocabulary(): Vocabulary {
    const modules = this.#vocabulary.modules.map((one) => {
      const functions = this.#functions.get(one.name);
      return functions === undefined ? one : { ...one, functions };
    });
    return { ...this.#vocabulary, connected: this.#node.list(), modules };
  }

  /** Asks anew what there is; without GPMD there is nothing to suggest. */
  refresh(): void {
    if (Date.now() - this.#askedAt < FRESH_TIME) return;
    this.#askedAt = Date.now();
    this.#functions.clear();
    Promise.all([this.#node.discover(), this.#node.modules()]).then(
      ([nodes, modules]) => this.#vocabulary = { nodes, connected: [], modules },
      () => {},
    );
  }

  /** Looks up the functions of the module that `line` is about to call, for up to `time` milliseconds. */
  async learn(line: string, time: number): Promise<void> {
    const found = this.#vocabulary.modules.find(({ name }) =>
      !this.#functions.has(name) && (line.includes(`${name}.`) || line.includes(`${name}@`))
    );
    if (found === undefined) return;
    const known = this.#node.describe(found.name).then(
      // `_start` and `_initialize` are not called by name.
      ({ functions }) => functions.filter(({ name }) => !name.startsWith("_")),
      () => [],
    );
    let timer: ReturnType<typeof setTimeout> | undefined;
    const late = new Promise<undefined>((resolve) => timer = setTimeout(() => resolve(undefined), time));
    const functions = await Promise.race([known, late]);
    clearTimeout(timer);
    if (functions !== undefined) this.#functions.set(found.name, functions);
  }
}
