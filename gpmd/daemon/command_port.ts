import { type Body, integerIn, optionalStringIn, stringIn } from "../../gmp/frames/body.ts";
import type { Channel, ChannelOptions } from "../../gmp/channel/channel.ts";
import { GhostError } from "../../gmp/errors.ts";
import { giveBack } from "../../gmp/frames/give_back.ts";
import type { IncomingRequest } from "../../gmp/channel/incoming.ts";
import { VERSION } from "../../gmp/version.ts";
import type { DaemonState } from "./daemon_state.ts";
import { emitFaults } from "../events/emit_faults.ts";
import type { PublishedModule } from "../store/module_index.ts";
import { listModule } from "./module_listing.ts";
import { listModules } from "./module_responses.ts";
import { notify } from "./notices.ts";
import type { DaemonStatus, NodeSummary, VersionSummary } from "../client/replies.ts";
import { TemporaryVersions } from "./temporary_versions.ts";

/** Connections of commands: each lives as long as one command, so many at once are a mistake. */
export const MAX_COMMAND_CONNECTIONS = 256;

/** What a connection on 1111 may do: a command to the daemon (docs/protocol.md, "At GPMD: port 1111, for commands"). */
export function commandService(state: DaemonState): ChannelOptions {
  const temporary = new TemporaryVersions(state.store);
  const ended = (channel: Channel): void => {
    const over = temporary.release(channel);
    // With the daemon they end by themselves.
    if (over.length === 0 || state.stopping.aborted) return;
    finishing(state, release(state, over)).catch((error) => {
      state.events.emit({ type: "fault", message: String(error) });
    });
  };
  return {
    ended,
    handlers: emitFaults(state.events, {
      "gpmd.status": () => ({ ...status(state) }),
      "gpmd.nodes": () => ({ nodes: nodes(state) }),
      "gpmd.kill": ({ channel }) => {
        state.stop(channel);
        return { pid: Deno.pid };
      },
      "module.put": (request) => {
        if (request.body.temporary !== true) return finishing(state, put(state, request, false));
        const { channel } = request;
        const hold = (module: PublishedModule) => {
          if (module.temporary === undefined) return;
          temporary.hold(channel, module);
          if (!channel.open) ended(channel); // while it was checked
        };
        return finishing(state, temporary.admit(channel, () => put(state, request, true, hold)));
      },
      "module.list": () => listModules(state.store),
      "module.info": ({ body }) => info(state, body),
      "module.remove": ({ body }) => finishing(state, remove(state, body)),
    }),
  };
}

function status({ home, startedAt, began, registry, store, ports, waiting }: DaemonState): DaemonStatus {
  const modules = store.list();
  const { rss, heapUsed } = Deno.memoryUsage();
  return {
    pid: Deno.pid,
    version: VERSION,
    startedAt: new Date(startedAt).toISOString(),
    uptime: Math.floor(performance.now() - began),
    ports: { command: ports.command.number, gmp: ports.gmp.number },
    store: home,
    nodes: registry.size,
    modules: modules.length,
    versions: modules.reduce((sum, { versions }) => sum + versions.length, 0),
    memory: { rss, heap: heapUsed },
    connections: {
      command: ports.command.counts,
      gmp: ports.gmp.counts,
      waiting: waiting.size,
      evicted: waiting.evicted,
    },
  };
}

function nodes({ registry, sessions }: DaemonState): NodeSummary[] {
  return registry.list().map(({ name, id, port, registeredAt }) => ({
    name,
    id,
    port,
    since: new Date(registeredAt).toISOString(),
    connections: sessions.get(name)?.connections ?? 0,
  }));
}

async function put(
  state: DaemonState,
  { body, data }: IncomingRequest,
  temporary: boolean,
  published: (module: PublishedModule) => void = () => {},
): Promise<Body> {
  const upload = await state.store.begin({
    name: stringIn(body, "name"),
    version: stringIn(body, "version"),
    size: integerIn(body, "size", 0, Number.MAX_SAFE_INTEGER),
    hash: stringIn(body, "hash"),
    temporary,
  });
  const stop = () => data.fail(new GhostError("CONNECTION_LOST", "Cannot upload: GPMD is stopping"));
  state.stopping.addEventListener("abort", stop);
  try {
    for await (const chunk of data) {
      await upload.write(chunk);
      giveBack(chunk);
    }
    const { module, unchanged } = await upload.commit();
    const summary = summaryOf(module);
    if (!unchanged) changed(state, "module.published", [summary]);
    published(module);
    return { ...summary, unchanged };
  } finally {
    state.stopping.removeEventListener("abort", stop);
    await upload.abort();
  }
}

async function info({ store }: DaemonState, body: Body): Promise<Body> {
  const { module, description } = await store.info(stringIn(body, "name"), optionalStringIn(body, "version"));
  return { ...summaryOf(module), ...listModule(description) };
}

async function remove(state: DaemonState, body: Body): Promise<Body> {
  const removed = await state.store.remove(stringIn(body, "name"), optionalStringIn(body, "version"));
  changed(state, "module.removed", removed);
  return { removed: removed.map(summaryOf) };
}

async function release(state: DaemonState, modules: readonly PublishedModule[]): Promise<Body> {
  const removed = await state.store.release(modules);
  for (const one of removed) changed(state, "module.removed", [one]);
  return {};
}

/** Has the daemon wait for `change` before it stops. */
function finishing(state: DaemonState, change: Promise<Body>): Promise<Body> {
  const ended = change.then(() => {}, () => {}).then(() => void state.changes.delete(ended));
  state.changes.add(ended);
  return change;
}

/** Tells whoever listens to events, and every node once; `versions` are of one module. */
function changed(
  { events, sessions }: DaemonState,
  type: "module.published" | "module.removed",
  versions: readonly VersionSummary[],
): void {
  for (const { name, version, hash, size } of versions) events.emit({ type, name, version, hash, size });
  const name = versions[0]?.name;
  for (const { channel } of sessions.values()) notify(channel, "modules.changed", { name });
}

function summaryOf({ name, version, hash, size, uploadedAt }: VersionSummary): VersionSummary {
  return { name, version, hash, size, uploadedAt };
}
