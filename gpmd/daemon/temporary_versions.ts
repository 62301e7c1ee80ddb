import type { Channel } from "../../gmp/channel/channel.ts";
import { GhostError } from "../../gmp/errors.ts";
import type { PublishedModule } from "../store/module_index.ts";
import type { ModuleStore } from "../store/module_store.ts";

/** Temporary versions of one connection at most: a watch has two for a moment, the new one and the old. */
const MAX_TEMPORARY = 16;

/** The versions that last as long as the connections that published them. */
export class TemporaryVersions {
  readonly #store: ModuleStore;
  readonly #held = new Map<Channel, PublishedModule[]>();
  /** Uploads that are under way. */
  readonly #coming = new Map<Channel, number>();

  /** For the versions of `store`. */
  constructor(store: ModuleStore) {
    this.#store = store;
  }

  /**
   * Runs `upload`, which publishes one more version for `channel`.
   *
   * @throws {GhostError} `TOO_MANY_REQUESTS` when the channel has {@linkcode MAX_TEMPORARY}, uploads under way
   * included.
   */
  async admit<T>(channel: Channel, upload: () => Promise<T>): Promise<T> {
    const coming = this.#coming.get(channel) ?? 0;
    if (this.#of(channel).length + coming >= MAX_TEMPORARY) {
      throw new GhostError(
        "TOO_MANY_REQUESTS",
        `Cannot upload: this connection has ${MAX_TEMPORARY} temporary versions`,
      );
    }
    this.#coming.set(channel, coming + 1);
    try {
      return await upload();
    } finally {
      const left = this.#coming.get(channel)! - 1;
      if (left > 0) this.#coming.set(channel, left);
      else this.#coming.delete(channel);
    }
  }

  /** From now on `module` lasts as long as `channel`, or any other that holds the same version. */
  hold(channel: Channel, module: PublishedModule): void {
    this.#held.set(channel, [...this.#of(channel), module]);
  }

  /** Lets go of what `channel`, which has ended, holds, and returns the versions that nobody else holds. */
  release(channel: Channel): PublishedModule[] {
    const held = this.#of(channel);
    this.#held.delete(channel);
    const others = [...this.#held.keys()].flatMap((other) => this.#of(other));
    return held.filter((one) =>
      !others.some(({ name, version }) => name === one.name && version === one.version)
    );
  }

  /** The versions of `channel` that nobody has removed, or published for good, meanwhile. */
  #of(channel: Channel): PublishedModule[] {
    return (this.#held.get(channel) ?? []).filter((one) => this.#store.isTemporary(one));
  }
}
