import { GhostError } from "../../gmp/errors.ts";
import { checkName } from "../../gmp/names.ts";
import { nearest } from "../../gmp/nearest.ts";
import { MAX_NODES, type NodeDescription } from "../../gmp/messages/gpmd.ts";

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;

/** Names on each side of an unknown one that are searched for a suggestion: a miss must be cheap. */
const NEIGHBOURS = 500;

/** A registered node. */
interface Registration extends NodeDescription {
  /** Grows with every registration, which tells a name that comes back from the one that left. */
  generation: number;
  /** Milliseconds since 1970. */
  registeredAt: number;
}

/** Counts since the daemon started; `refused` are taken names and a full registry, `missed` are unknown names. */
interface RegistryCounts {
  registered: number;
  released: number;
  refused: number;
  located: number;
  missed: number;
}

/** The nodes of one device by name. It knows no socket and no clock: the caller says what time it is. */
export class NodeRegistry {
  readonly #nodes = new Map<string, Registration>();
  /** Their names, kept in order because every node asks for all of them. */
  readonly #names: string[] = [];
  readonly #counts: RegistryCounts = { registered: 0, released: 0, refused: 0, located: 0, missed: 0 };

  /** How many nodes are registered. */
  get size(): number {
    return this.#nodes.size;
  }

  /** The counts so far. */
  get counts(): Readonly<RegistryCounts> {
    return { ...this.#counts };
  }

  /**
   * Registers `node` at `now`, in milliseconds since 1970, and returns its generation, which {@linkcode release} takes.
   *
   * @throws {GhostError} `INVALID_NAME`, `BAD_REQUEST` (id, port), `NAME_TAKEN`, or `TOO_MANY_CONNECTIONS` at
   * {@linkcode MAX_NODES}.
   */
  register(node: NodeDescription, now: number): number {
    const name = checkName(node.name, "node name");
    const { id, port } = node;
    if (typeof id !== "string" || !UUID.test(id)) {
      throw new GhostError("BAD_REQUEST", `Cannot register "${name}": its id is not a UUID in lower case`);
    }
    if (!Number.isInteger(port) || port < 1 || port > 65_535) {
      throw new GhostError(
        "BAD_REQUEST",
        `Cannot register "${name}": its port is not a number from 1 to 65535`,
      );
    }
    if (this.#nodes.has(name)) {
      this.#counts.refused++;
      throw new GhostError("NAME_TAKEN", `Cannot register "${name}": the name is taken by another node`);
    }
    if (this.#nodes.size >= MAX_NODES) {
      this.#counts.refused++;
      throw new GhostError(
        "TOO_MANY_CONNECTIONS",
        `Cannot register "${name}": ${MAX_NODES} nodes are registered`,
      );
    }
    const generation = ++this.#counts.registered;
    this.#nodes.set(name, { name, id, port, generation, registeredAt: now });
    this.#names.splice(this.#indexOf(name), 0, name);
    return generation;
  }

  /** Removes the registration for which {@linkcode register} returned `generation`; false when it has left already. */
  release(name: string, generation: number): boolean {
    if (this.#nodes.get(name)?.generation !== generation) return false;
    this.#nodes.delete(name);
    this.#names.splice(this.#indexOf(name), 1);
    this.#counts.released++;
    return true;
  }

  /** The names of all nodes, in order. */
  discover(): string[] {
    return this.#names.slice();
  }

  /**
   * The node called `name`.
   *
   * @throws {GhostError} `NODE_NOT_FOUND`, with the closest name, if any, in the message and as `details.suggestion`.
   */
  locate(name: string): Readonly<Registration> {
    const node = this.#nodes.get(checkName(name, "node name"));
    if (node) {
      this.#counts.located++;
      return node;
    }
    this.#counts.missed++;
    const index = this.#indexOf(name);
    const suggestion = nearest(name, this.#names.slice(Math.max(0, index - NEIGHBOURS), index + NEIGHBOURS));
    throw new GhostError(
      "NODE_NOT_FOUND",
      `Cannot find "${name}": no node of that name is registered` +
        (suggestion ? `; did you mean "${suggestion}"?` : ""),
      suggestion ? { details: { suggestion } } : {},
    );
  }

  /** All registrations, in the order of their names. */
  list(): Readonly<Registration>[] {
    return this.#names.map((name) => this.#nodes.get(name)!);
  }

  /** Where `name` is, or belongs, in the ordered names. */
  #indexOf(name: string): number {
    let [low, high] = [0, this.#names.length];
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (this.#names[middle]! < name) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}
