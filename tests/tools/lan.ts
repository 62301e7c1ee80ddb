/**
 * Networks of their own for tests: namespaces, each a device with a cable to a bridge in another one, made and removed by the
 * test. They need root and iproute2.
 */

import { fromFileUrl } from "@std/path";
import { bundleFlags } from "./entries.ts";

/** Runs `ip` of iproute2. @throws {Error} what it says. */
export async function ip(...words: string[]): Promise<void> {
  const { success, stderr } = await new Deno.Command("ip", { args: words }).output();
  if (!success) throw new Error(`ip ${words.join(" ")}: ${new TextDecoder().decode(stderr)}`);
}

/** Why there can be no namespaces here; nothing when there can. */
export async function whyNoNamespaces(): Promise<string | undefined> {
  const name = `ghost-${crypto.randomUUID().slice(0, 6)}`;
  try {
    await ip("netns", "add", name);
    await ip("netns", "del", name);
    return undefined;
  } catch (error) {
    return `network namespaces cannot be made: ${(error as Error).message}`;
  }
}

/** The words for `ip` that run the program at `url` in `namespace`, with all permissions. */
export function inNamespace(namespace: string, url: URL, ...args: string[]): string[] {
  const run = ["run", "-A", "--quiet", "--no-check", ...bundleFlags(), fromFileUrl(url), ...args];
  return ["netns", "exec", namespace, Deno.execPath(), ...run];
}

/** A device in a network of its own, reached by a cable to the bridge of its {@linkcode Lan}. */
export interface LanDevice {
  /** The name of its namespace. */
  readonly namespace: string;
  /** Pulls the cable, or plugs it in. */
  cable(state: "up" | "down"): Promise<void>;
  /** Gives it other addresses in place of those that it has. */
  move(...addresses: string[]): Promise<void>;
}

/** A bridge with devices at it; each has one address of 10.77.0.0/16, and may be in one of several parts of it. */
export class Lan implements AsyncDisposable {
  readonly #id = crypto.randomUUID().slice(0, 5);
  readonly #namespaces: string[] = [];

  /** Makes it. */
  static async make(): Promise<Lan> {
    const lan = new Lan();
    const hub = await lan.#namespace("hub");
    await ip("-n", hub, "link", "add", "bridge", "type", "bridge");
    await ip("-n", hub, "link", "set", "bridge", "up");
    return lan;
  }

  /** A device at `addresses`, such as `10.77.0.1/24`. */
  async device(name: string, ...addresses: string[]): Promise<LanDevice> {
    const hub = this.#namespaces[0]!;
    const namespace = await this.#namespace(name);
    const port = `p-${name}`;
    await ip("-n", namespace, "link", "add", "eth0", "type", "veth", "peer", "name", port, "netns", hub);
    await ip("-n", hub, "link", "set", port, "master", "bridge");
    await ip("-n", hub, "link", "set", port, "up");
    const move = async (...to: string[]) => {
      await ip("-n", namespace, "addr", "flush", "dev", "eth0");
      for (const address of to) await ip("-n", namespace, "addr", "add", address, "dev", "eth0");
      await ip("-n", namespace, "link", "set", "eth0", "up");
      await ip("-n", namespace, "route", "replace", "224.0.0.0/4", "dev", "eth0");
    };
    await move(...addresses);
    return { namespace, cable: (state) => ip("-n", hub, "link", "set", port, state), move };
  }

  async #namespace(name: string): Promise<string> {
    const namespace = `gh-${this.#id}-${name}`;
    await ip("netns", "add", namespace);
    this.#namespaces.push(namespace);
    await ip("-n", namespace, "link", "set", "lo", "up");
    return namespace;
  }

  /** Removes all of it. */
  async [Symbol.asyncDispose](): Promise<void> {
    for (const namespace of this.#namespaces) await ip("netns", "del", namespace);
  }
}
