/** Links on this machine: hosts in this process, each with a directory of its own and a free port of loopback. */
import type { Handlers } from "../../../../gmp/channel/messages.ts";
import type { ByteStream } from "../../../../gpmd/link/engine/byte_stream.ts";
import { LinkHost, type LinkHostOptions } from "../../../../gpmd/link/engine/link_host.ts";
import type { LinkEvents } from "../../../../gpmd/link/engine/link_events.ts";

/**
 * A test with links in this process. libp2p leaves timers behind that end by themselves within a second, and a channel
 * for broadcasts that all its nodes share, so Deno's own count of leaks says nothing of ours.
 */
export function linkTest(name: string, run: () => Promise<void>): void {
  Deno.test({ name, fn: run, sanitizeOps: false, sanitizeResources: false });
}

/** Something that happened to a link. */
interface Happened {
  readonly event: keyof LinkEvents;
  readonly about: unknown[];
}

/** A link whose events can be waited for. */
interface TestHost extends AsyncDisposable {
  readonly host: LinkHost;
  readonly directory: string;
  /** Resolves when `event` has happened, about `device` if that is given; the next time that has not been waited for. */
  happened(event: keyof LinkEvents, device?: unknown): Promise<unknown[]>;
  /** Pipes that have come and nobody has taken. */
  nextPipe(): Promise<{ device: string; token: Uint8Array; stream: ByteStream }>;
  /** Ends the host, and leaves its directory. */
  stop(): Promise<void>;
}

/** What may be told of a host. */
interface TestHostOptions extends Partial<LinkHostOptions> {
  /** Answers requests by the asking device's name. */
  answer?(device: () => string): Handlers;
}

/** Starts a link called `name`, in a directory of its own unless one is given. */
export async function startHost(name: string, options: TestHostOptions = {}): Promise<TestHost> {
  const directory = options.directory ?? await Deno.makeTempDir({ prefix: "ghost-link-" });
  const all: Happened[] = [];
  const pipes: { device: string; token: Uint8Array; stream: ByteStream }[] = [];
  let changed = Promise.withResolvers<void>();
  const change = () => {
    changed.resolve();
    changed = Promise.withResolvers();
  };
  const on = (event: keyof LinkEvents) => (...about: unknown[]) => {
    all.push({ event, about });
    change();
  };
  const host = await LinkHost.start({
    deviceName: name,
    port: 0,
    networks: ["127.0.0.0/8"],
    software: "test 1.0.0",
    handlers: (device) => options.answer?.(() => device.name) ?? {},
    onPipe: (device, token, stream) => {
      pipes.push({ device: device.name, token, stream });
      change();
    },
    events: {
      paired: on("paired"),
      reachable: on("reachable"),
      unreachable: on("unreachable"),
      left: on("left"),
      copied: on("copied"),
      fault: on("fault"),
    },
    ...options,
    directory,
  });
  const taking = async <T>(take: () => T | undefined): Promise<T> => {
    for (;;) {
      const taken = take();
      if (taken !== undefined) return taken;
      await changed.promise;
    }
  };
  return {
    host,
    directory,
    happened: (event, device) =>
      taking(() => {
        const at = all.findIndex((one) =>
          one.event === event && (device === undefined || one.about[0] === device)
        );
        return at < 0 ? undefined : all.splice(at, 1)[0]!.about;
      }),
    nextPipe: () => taking(() => pipes.shift()),
    stop: () => host[Symbol.asyncDispose](),
    async [Symbol.asyncDispose]() {
      await host[Symbol.asyncDispose]();
      if (options.directory === undefined) await Deno.remove(directory, { recursive: true });
    },
  };
}

/** Pairs two links: `joiner` joins `inviter`. Both have a connection afterwards. */
export async function pair(inviter: TestHost, joiner: TestHost): Promise<void> {
  const { code } = await inviter.host.invite({ lifetime: 60_000 });
  const { name } = await joiner.host.join(code);
  const [own] = await inviter.happened("reachable");
  await joiner.happened("reachable", name);
  await inviter.happened("paired");
  if (typeof own !== "string") throw new Error("no name");
}
