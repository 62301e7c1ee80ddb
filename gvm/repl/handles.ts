import { GhostError } from "../../gmp/errors.ts";
import type { ModuleName } from "../../gmp/names.ts";
import type { Resource } from "../calls/resource.ts";

/**
 * Most resources that the prompt has names for; what makes more drops the oldest, which nobody could name any more, but none that a
 * person has named while there is another.
 */
const MAX_HANDLES = 10_000;

/** Where a resource lives. */
interface HandlePlace {
  /** The node, if it is another one. */
  readonly on: string | undefined;
  /** The module that made it. */
  readonly module: ModuleName;
}

/** A resource that a line has made. */
export interface Handle extends HandlePlace {
  /** The prompt's name for it: `counter#1`. */
  readonly name: string;
  /** What kind of resource it is: `counter`. */
  readonly resource: string;
  /** What stands for it. */
  readonly value: Resource;
  /** Why it can be used no longer. */
  gone: "dropped" | "given away" | undefined;
}

/** The resources that the lines of a prompt have made, by name. */
export class Handles {
  readonly #byValue = new Map<object, Handle>();
  /** By the prompt's names, which have a `#`. */
  readonly #byName = new Map<string, Handle>();
  /** By the names that a person has given. */
  readonly #given = new Map<string, Handle>();
  readonly #counts = new Map<string, number>();

  /** What can be typed for the resources that are still there: the name that a person gave, or else that of the prompt. */
  list(): { name: string; resource: string; module: string }[] {
    const given = Map.groupBy(this.#given, ([, handle]) => handle);
    return [...this.#byName.values()].flatMap((handle) => {
      const { name, gone, value, resource, module } = handle;
      if (gone !== undefined || value.isGone) return [];
      const names = given.get(handle)?.map(([one]) => one) ?? [name];
      return names.map((name) => ({ name, resource, module: module.module }));
    });
  }

  /** The resource of that name, even if it is gone. */
  get(name: string): Handle | undefined {
    return this.#given.get(name) ?? this.#byName.get(name);
  }

  /** The handle of `value`, a `resource` that a call has returned, which gets a name if it has none. */
  of(value: object, resource: string, place: HandlePlace): Handle {
    const known = this.#byValue.get(value);
    if (known !== undefined) return known;
    if (this.#byValue.size >= MAX_HANDLES) this.#forgetOldest();
    const kind = kindOf(resource);
    const count = (this.#counts.get(kind) ?? 0) + 1;
    this.#counts.set(kind, count);
    const its = { name: `${kind}#${count}`, resource: kind, value: value as Resource };
    const handle: Handle = { ...place, ...its, gone: undefined };
    this.#byValue.set(value, handle);
    this.#byName.set(handle.name, handle);
    return handle;
  }

  /** Gives a resource a name, which another one may have had. */
  assign(name: string, handle: Handle): void {
    this.#given.set(name, handle);
  }

  /** Drops the resource of that name. @throws {GhostError} `BAD_ARGUMENTS`, `RESOURCE_GONE`, and what the node throws. */
  async drop(name: string): Promise<void> {
    const handle = this.get(name);
    if (handle === undefined) {
      throw new GhostError("BAD_ARGUMENTS", `Cannot drop ${name}: there is no resource of that name`);
    }
    refuseGone(handle, name);
    handle.gone = "dropped";
    await handle.value.drop();
  }

  #forgetOldest(): void {
    const given = new Set(this.#given.values());
    const [first] = this.#byValue.values();
    const oldest = this.#byValue.values().find((one) => !given.has(one)) ?? first;
    if (oldest === undefined) return;
    this.#byValue.delete(oldest.value);
    this.#byName.delete(oldest.name);
    for (const [name, handle] of this.#given) if (handle === oldest) this.#given.delete(name);
    // Nobody can name it any more; a session that has ended has dropped it already.
    if (oldest.gone === undefined) {
      oldest.value.drop().then(undefined, () => {});
    }
  }
}

/** @throws {GhostError} `RESOURCE_GONE` if the resource, which was called `name`, is gone. */
export function refuseGone({ gone }: Handle, name: string): void {
  if (gone !== undefined) throw new GhostError("RESOURCE_GONE", `Cannot use ${name}: it was ${gone}`);
}

/** `counter` of `counter` and of `ghost:demo/greeter@1.0.0#counter`. */
function kindOf(resource: string): string {
  return resource.replace(/^.*[#/]/, "");
}
