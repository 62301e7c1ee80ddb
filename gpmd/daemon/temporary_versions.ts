import type { Channel } from "../../gmp/channel/channel.ts";
import { GhostError } from "../../gmp/errors.ts";
import { canonicalVersion } from "../../gmp/names.ts";
import type { PublishedModule } from "../store/module_index.ts";
import type { ModuleStore } from "../store/module_store.ts";

/** Temporary versions of one connection at most: a watch has two for a moment, the new one and the old. */
const MAX_TEMPORARY = 16;

/** The version that an upload is about. */
type Announced = Pick<PublishedModule, "name" | "version">;

/** The versions that last as long as the connections that published them. */
export class TemporaryVersions {
  readonly #store: ModuleStore;
  readonly #over: (modules: readonly PublishedModule[]) => void;
  readonly #held = new Map<Channel, PublishedModule[]>();
  /** Uploads that are under way, by connection. */
  readonly #coming = new Map<Channel, Announced[]>();
  /** Versions of connections that have ended, which others are about to hold: their uploads may yet fail. */
  #left: PublishedModule[] = [];

  /** For the versions of `store`; `over` is called with those that nobody holds any more. */
  constructor(store: ModuleStore, over: (modules: readonly PublishedModule[]) => void) {
    this.#store = store;
    this.#over = over;
  }

  /**
   * Runs `upload`, which publishes one more version, `announced`, for `channel`.
   *
   * @throws {GhostError} `TOO_MANY_REQUESTS` when the channel has {@linkcode MAX_TEMPORARY}, uploads under way
   * included.
   */
  async admit<T>(channel: Channel, announced: Announced, upload: () => Promise<T>): Promise<T> {
    const coming = this.#coming.get(channel) ?? [];
    if (this.#of(channel).length + coming.length >= MAX_TEMPORARY) {
      throw new GhostError(
        "TOO_MANY_REQUESTS",
        `Cannot upload: this connection has ${MAX_TEMPORARY} temporary versions`,
      );
    }
    this.#coming.set(channel, coming);
    coming.push(announced);
    try {
      return await upload();
    } finally {
      coming.splice(coming.indexOf(announced), 1);
      if (coming.length === 0) this.#coming.delete(channel);
      this.#letGo(this.#left.splice(0));
    }
  }

  /** From now on `module` lasts as long as `channel`, or any other that holds the same version. */
  hold(channel: Channel, module: PublishedModule): void {
    const others = this.#of(channel).filter((one) => !isSame(one, module));
    this.#held.set(channel, [...others, module]);
  }

  /** Lets go of what `channel`, which has ended, holds. */
  release(channel: Channel): void {
    const held = this.#of(channel);
    this.#held.delete(channel);
    this.#letGo(held);
  }

  #letGo(modules: readonly PublishedModule[]): void {
    const held = [...this.#held.keys()].flatMap((channel) => this.#of(channel));
    const free = modules.filter((one) => !held.some((other) => isSame(one, other)));
    const coming = [...this.#coming.values()].flat();
    const over = free.filter((one) => !coming.some((other) => isSame(one, other)));
    this.#left.push(...free.filter((one) => !over.includes(one)));
    if (over.length > 0) this.#over(over);
  }

  /** The versions of `channel` that nobody has removed, or published for good, meanwhile. */
  #of(channel: Channel): PublishedModule[] {
    return (this.#held.get(channel) ?? []).filter((one) => this.#store.isTemporary(one));
  }
}

function isSame(one: Announced, other: Announced): boolean {
  return one.name === other.name && canonicalVersion(one.version) === canonicalVersion(other.version);
}
