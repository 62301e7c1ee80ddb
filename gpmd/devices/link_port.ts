import { Seldom } from "../../gmp/async/seldom.ts";
import type { Channel, ChannelOptions } from "../../gmp/channel/channel.ts";
import type { IncomingRequest, RequestHandler, RequestHandlers } from "../../gmp/channel/incoming.ts";
import { answering, type Handlers, hearing } from "../../gmp/channel/messages.ts";
import { GhostError } from "../../gmp/errors.ts";
import { notGranted } from "../../gmp/grants/granted.ts";
import type { Identity } from "../../gmp/handshake/identity.ts";
import { OPERATIONS } from "../../gmp/messages/operations.ts";
import type { OperationName } from "../../gmp/messages/operations.ts";
import { checkDeviceName } from "../../gmp/names.ts";
import { emitFaults } from "../events/emit_faults.ts";
import type { Devices } from "./device_commands.ts";
import { readLinkSettings } from "./link_settings_file.ts";
import { COMMAND_GRANTS } from "./device_grants.ts";

/** Milliseconds between PINGs; a link that is silent for two of them is lost. */
const KEEP_ALIVE = 5000;
/** Milliseconds between two notices to all nodes that devices are others, at which each looks for those that it has lost. */
const CHANGE_INTERVAL = 200;
/** Faults of the link that are logged within {@linkcode FAULT_INTERVAL}: more are of no use to anybody. */
export const MAX_LINK_FAULTS = 10;
const FAULT_INTERVAL = 10_000;

/**
 * What a connection with the link's key is for, as it said, if it has: to be asked by GPMD, one device's commands, or to
 * lead GPMD to another device, which is asked and asks nothing.
 */
type Use =
  | { readonly kind: "link" }
  | { readonly kind: "commands"; readonly device: string }
  | { readonly kind: "way" };

/** What else the link's connections need. */
interface LinkPortOptions {
  /** What the daemon does for commands: some of it for another device's, as far as that is granted. */
  readonly commands: ChannelOptions;
  /** What the link may ask beside what this file answers. */
  readonly handlers: Handlers;
  /** What another device may ask beside commands. */
  readonly modules: Handlers;
  /** Called when other devices, or the nodes there, are others. */
  devicesChanged(): void;
}

/**
 * What the daemon does for connections with the link's key (docs/protocol.md, "Between GPMD and its link"): nothing but
 * what a paired device may ask for.
 */
export function linkChannelOptions(devices: Devices, options: LinkPortOptions): ChannelOptions {
  const uses = new Map<Channel, Use>();
  const { home, link, reach, invitations, grants, renames, quotas, events } = devices;
  const changes = new Seldom(CHANGE_INTERVAL, options.devicesChanged);
  const checkUnused = (channel: Channel): void => {
    if (uses.has(channel)) throw new GhostError("BAD_REQUEST", "Cannot go on: this connection has a use");
  };
  const use = (channel: Channel, use: Use): void => {
    checkUnused(channel);
    uses.set(channel, use);
  };
  const forLink = emitFaults(
    events,
    answering({
      "device.serve": async (_, { channel }) => {
        use(channel, { kind: "link" });
        const { relay = false } = await readLinkSettings(home);
        link.replace(channel);
        renames.settle().catch((error) => {
          const { code, message } = GhostError.from(error);
          // The next link is asked.
          if (code !== "CONNECTION_LOST") events.emit({ type: "fault", code, message });
        });
        return { relay };
      },
      "device.enter": ({ device }, { channel }) => {
        checkUnused(channel);
        quotas.enter(checkDeviceName(device));
        use(channel, { kind: "commands", device });
        if (quotas.logs(device)) events.emit({ type: "device.entered", device });
        return {};
      },
      "device.reached": ({ token }, { channel }) => {
        use(channel, { kind: "way" });
        reach.arrived(token, channel);
        return {};
      },
      "device.paired": async ({ device, code, formerly }) => {
        checkDeviceName(device);
        await invitations.use(code, (what) => grants.addDevice(device, what, formerly));
        events.emit({ type: "device.paired", device });
        return {};
      },
      ...options.handlers,
    }),
  );
  const forDevice: RequestHandlers = {
    ...options.commands.handlers,
    ...emitFaults(events, answering(options.modules)),
  };
  const handlers: RequestHandlers = {};
  for (const operation of Object.keys(OPERATIONS) as OperationName[]) {
    const own = forLink[operation];
    const command = COMMAND_GRANTS[operation] && forDevice[operation];
    if (own === undefined && command === undefined) continue;
    handlers[operation] = (request) => {
      const use = uses.get(request.channel);
      if (use?.kind === "way") return answer(undefined, request);
      if (use?.kind !== "commands") return answer(own, request);
      allow(devices, use.device, operation);
      return answer(command, request);
    };
  }
  return {
    handlers,
    keepAlive: KEEP_ALIVE,
    notice: hearing({
      "link.fault": faultsOf(devices, uses),
      "devices.changed": (_, channel) => {
        if (isLink(uses.get(channel))) changes.ask();
      },
    }),
    ended: (channel, error) => {
      const use = uses.get(channel);
      uses.delete(channel);
      link.ended(channel, error);
      if (!link.running) changes.cancel();
      if (use?.kind !== "commands") return;
      quotas.leave(use.device);
      options.commands.ended?.(channel, error);
    },
  };
}

function answer(handler: RequestHandler | undefined, request: IncomingRequest): ReturnType<RequestHandler> {
  if (handler !== undefined) return handler(request);
  throw new GhostError("UNKNOWN_OPERATION", `Cannot answer: ${request.operation} is not known here`);
}

/** @throws {GhostError} `NOT_GRANTED`, naming the grant and the command that gives it. */
function allow({ grants }: Devices, device: string, operation: OperationName): void {
  const grant = COMMAND_GRANTS[operation];
  const caller: Identity = { role: "command", device };
  if (grant === undefined || grants.allows(caller, grant)) return;
  throw notGranted(caller, grant === "modules" ? "fetch modules" : "do this", grant);
}

/** True for the use of the connection that GPMD asks. */
function isLink(use: Use | undefined): boolean {
  return use?.kind === "link";
}

/** Makes events of the faults that the link tells of. */
function faultsOf({ events }: Devices, uses: ReadonlyMap<Channel, Use>) {
  let count = 0;
  let since = -Infinity;
  return ({ message }: { message: string }, channel: Channel): void => {
    if (!isLink(uses.get(channel))) return;
    const now = performance.now();
    if (now - since >= FAULT_INTERVAL) [count, since] = [0, now];
    if (count++ < MAX_LINK_FAULTS) events.emit({ type: "link.fault", message });
  };
}
