import type { ChannelOptions } from "../../gmp/channel/channel.ts";
import { answering } from "../../gmp/channel/messages.ts";
import { GhostError } from "../../gmp/errors.ts";
import { giveBack } from "../../gmp/frames/give_back.ts";
import type { DataQueue } from "../../gmp/channel/incoming.ts";
import type { ReceivedRequest, Reply } from "../../gmp/messages/messages.ts";
import { VERSION } from "../../gmp/version.ts";
import type { DaemonState } from "./daemon_state.ts";
import { deviceHandlers } from "../devices/device_commands.ts";
import { emitFaults } from "../events/emit_faults.ts";
import type { PublishedModule } from "../store/module_index.ts";
import { declarationsOf } from "../declarations/declarations.ts";
import { listingOf } from "./module_listing.ts";
import { listModules } from "./module_responses.ts";
import { announce } from "./notices.ts";
import type { DaemonStatus, NodeSummary } from "../../gmp/messages/gpmd.ts";
import type { UploadedModule, VersionSummary } from "../../gmp/messages/module.ts";
import { TemporaryVersions } from "./temporary_versions.ts";

/** Open connections of commands at most: each lasts as long as one command, so more than this is a mistake. */
export const MAX_COMMAND_CONNECTIONS = 256;

/** What the daemon does for commands (docs/protocol.md, "At GPMD: port 1111, for commands"). */
export function commandChannelOptions(state: DaemonState): ChannelOptions {
  const temporary = new TemporaryVersions(state.store, (over) => {
    if (state.stopping.aborted) return; // when the daemon stops, they end by themselves
    finishBeforeStop(state, release(state, over)).catch((error) => {
      state.events.emit({ type: "fault", message: String(error) });
    });
  });
  return {
    ended: (channel) => temporary.release(channel),
    handlers: emitFaults(
      state.events,
      answering({
        "gpmd.status": () => status(state),
        "gpmd.nodes": () => ({ nodes: nodes(state) }),
        "gpmd.kill": ({ restart = false }, { channel }) => {
          const pid = Deno.pid;
          if (restart && !state.restartable) return { pid, restarts: false };
          state.stop(channel, { restart });
          return { pid, ...restart && { restarts: true } };
        },
        "module.put": (announced, { channel, data }) => {
          if (announced.temporary !== true) return finishBeforeStop(state, put(state, announced, data));
          const hold = (module: PublishedModule) => {
            if (module.temporary === undefined) return;
            temporary.hold(channel, module);
            if (!channel.open) temporary.release(channel); // it ended while the module was checked
          };
          const upload = () => put(state, announced, data, hold);
          return finishBeforeStop(state, temporary.admit(channel, announced, upload));
        },
        ...deviceHandlers(state.devices),
        "module.list": () => listModules(state.store),
        "module.info": (wanted) => info(state, wanted),
        "module.remove": (unwanted) => finishBeforeStop(state, remove(state, unwanted)),
        "grants.list": ({ subject }) => ({ grants: state.grants.list(subject) }),
        "grants.add": (wanted) => finishBeforeStop(state, grant(state, wanted)),
        "grants.remove": (unwanted) => finishBeforeStop(state, revoke(state, unwanted)),
      }),
    ),
  };
}

function status(state: DaemonState): DaemonStatus {
  const { home, startedAt, began, registry, store, ports, waiting, restartable } = state;
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
    ...restartable && { restarts: true },
  };
}

function nodes({ registry, connections }: DaemonState): NodeSummary[] {
  return registry.list().map(({ name, id, port, registeredAt }) => ({
    name,
    id,
    port,
    since: new Date(registeredAt).toISOString(),
    connections: connections.get(name)?.peerCount ?? 0,
  }));
}

async function put(
  state: DaemonState,
  { temporary = false, ...announced }: ReceivedRequest<"module.put">,
  data: DataQueue,
  published: (module: PublishedModule) => void = () => {},
): Promise<UploadedModule> {
  const upload = await state.store.begin({ ...announced, temporary });
  const stop = () => data.fail(new GhostError("CONNECTION_LOST", "Cannot upload: GPMD is stopping"));
  state.stopping.addEventListener("abort", stop);
  try {
    for await (const chunk of data) {
      await upload.write(chunk);
      giveBack(chunk);
    }
    const { module, unchanged } = await upload.commit();
    if (!unchanged) changed(state, "module.published", [module]);
    published(module);
    return { ...module, unchanged };
  } finally {
    state.stopping.removeEventListener("abort", stop);
    await upload.abort();
  }
}

async function info(
  { store }: DaemonState,
  { name, version, declarations = false }: ReceivedRequest<"module.info">,
): Promise<Reply<"module.info">> {
  const { module, description } = await store.info(name, version);
  const types = declarations ? { declarations: declarationsOf(description, module) } : {};
  return { ...module, ...listingOf(description), ...types };
}

async function remove(
  state: DaemonState,
  { name, version }: ReceivedRequest<"module.remove">,
): Promise<Reply<"module.remove">> {
  const removed = await state.store.remove(name, version);
  changed(state, "module.removed", removed);
  return { removed };
}

async function release(state: DaemonState, modules: readonly PublishedModule[]): Promise<void> {
  const removed = await state.store.release(modules);
  for (const one of removed) changed(state, "module.removed", [one]);
}

async function grant(
  { grants, events }: DaemonState,
  wanted: ReceivedRequest<"grants.add">,
): Promise<Reply<"grants.add">> {
  const changed = await grants.add(wanted);
  const { subject, what, time, memory } = wanted;
  events.emit({ type: "grants.added", subject, what: logged(what), timeMs: time, memoryBytes: memory });
  return changed;
}

async function revoke(
  { grants, events }: DaemonState,
  unwanted: ReceivedRequest<"grants.remove">,
): Promise<Reply<"grants.remove">> {
  const changed = await grants.remove(unwanted);
  const { subject, what } = unwanted;
  events.emit({ type: "grants.removed", subject, what: logged(what) });
  return changed;
}

/** Characters of what was granted that a line of the log has. */
const LOGGED = 1000;

function logged(what: readonly string[]): string {
  return what.join(" ").slice(0, LOGGED);
}

/** Makes the daemon wait for `change` before it stops. */
function finishBeforeStop<T>(state: DaemonState, change: Promise<T>): Promise<T> {
  const ended = change.then(() => {}, () => {}).then(() => void state.changes.delete(ended));
  state.changes.add(ended);
  return change;
}

/** Emits an event for each of `versions`, all of one module, and tells every node once. */
function changed(
  { events, connections }: DaemonState,
  type: "module.published" | "module.removed",
  versions: readonly VersionSummary[],
): void {
  for (const { name, version, hash, size } of versions) events.emit({ type, name, version, hash, size });
  const name = versions[0]?.name;
  for (const { channel } of connections.values()) announce(channel, "modules.changed", { name });
}
