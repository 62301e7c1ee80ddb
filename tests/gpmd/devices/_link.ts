/** A link as the daemon sees it: connections with the link's key, without a process that reaches other devices. */
import { Channel } from "../../../gmp/channel/channel.ts";
import { answering, type Handlers, hearing, request } from "../../../gmp/channel/messages.ts";
import { LINK_KEY_NAME, linkKey } from "../../../gmp/handshake/keys.ts";
import { reachGpmd } from "../../../gmp/ports/reach_gpmd.ts";
import type { TestDaemon } from "../../tools/daemon_process.ts";

/** A connection with the link's key. */
export interface TestLink extends AsyncDisposable {
  readonly channel: Channel;
  /** The nth notice `nodes.changed`. */
  nodesChanged(): Promise<void>;
}

/** Connects with the link's key, which says nothing yet. */
export async function connectLink(
  { settings, secret }: TestDaemon,
  handlers: Handlers = {},
): Promise<TestLink> {
  const place = { audience: "gpmd/nodes", port: settings.gmpPort, keyName: LINK_KEY_NAME } as const;
  let heard = Promise.withResolvers<void>();
  const channel = new Channel(await reachGpmd(place, await linkKey(secret)), {
    handlers: answering(handlers),
    notice: hearing({ "nodes.changed": () => heard.resolve() }),
  });
  return {
    channel,
    async nodesChanged() {
      await heard.promise;
      heard = Promise.withResolvers();
    },
    [Symbol.asyncDispose]: () => channel.close(),
  };
}

/** Connects and serves GPMD. */
export async function serveLink(daemon: TestDaemon, handlers: Handlers = {}): Promise<TestLink> {
  const link = await connectLink(daemon, handlers);
  await request(link.channel, "device.serve", {});
  return link;
}

/** Pairs `device`, which gets `grants`: GPMD invites, and `link`, which answers with `code`, says who has joined. */
export async function pair(
  daemon: TestDaemon,
  { device, code, link }: { device: string; code: string; link: TestLink },
  grants?: string[],
): Promise<void> {
  await using gpmd = await daemon.connect();
  await gpmd.invite({ lifetime: 60_000, grants });
  await request(link.channel, "device.paired", { device, code });
}

/** A link's answer to an invitation, with `code`. */
export function inviting(code: string): Handlers {
  const expiresAt = "2026-01-01T00:00:00.000Z";
  return { "device.invite": () => ({ code, addresses: ["127.0.0.1:5990"], expiresAt }) };
}
