import type { Channel } from "../../gmp/channel/channel.ts";
import { GhostError } from "../../gmp/errors.ts";
import type { PublishedModule } from "../store/module_index.ts";
import type { ModuleStore } from "../store/module_store.ts";

/** Temporary versions of one connection: a watch has two for a moment, the one that comes and the one that goes. */
const MAX_TEMPORARY = 16;

/** The versions that last as long as the connections that published them. */
export class TemporaryVersions {
  readonly #store: ModuleStore;
  readonly #held = new Map<Channel, PublishedModule[]>();

  /** Of `store`. */
  constructor(store: ModuleStore) {
    this.#store = store;
  }

  /** @throws {GhostError} `TOO_MANY_CONNECTIONS` when `channel` holds {@linkcode MAX_TEMPORARY} already. */
  expectRoom(channel: Channel): void {
    if (this.#of(channel).length < MAX_TEMPORARY) return;
    throw new GhostError(
      "TOO_MANY_CONNECTIONS",
      `Cannot upload: this connection has ${MAX_TEMPORARY} temporary versions`,
    );
  }

  /** From now on `module` lasts as long as `channel`, and those who published the very same. */
  hold(channel: Channel, module: PublishedModule): void {
    this.#held.set(channel, [...this.#of(channel), module]);
  }

  /** The versions that end with `channel`, which has ended: they are held by nobody else. */
  release(channel: Channel): PublishedModule[] {
    const held = this.#of(channel);
    this.#held.delete(channel);
    const others = [...this.#held.keys()].flatMap((other) => this.#of(other));
    return held.filter((one) =>
      !others.some(({ name, version }) => name === one.name && version === one.version)
    );
  }

  /** Those of `channel` that nobody has removed, or published for good, meanwhile. */
  #of(channel: Channel): PublishedModule[] {
    return (this.#held.get(channel) ?? []).filter((one) => this.#store.isTemporary(one));
  }
}
