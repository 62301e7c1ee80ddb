import { KEY_BYTES } from "../handshake/keys.ts";
import { LONGEST_ID } from "./executor.ts";
import { bytes, integer, list, map, number, oneOf, operation, optional, text, truth } from "./fields.ts";

/** Bytes of a token that names an offer to another device; 128 bits cannot be guessed. */
export const PIPE_BYTES = 16;

/** A paired device, as `gpmd device list` shows it. */
export interface DeviceDescription {
  /** This device's own word for it. */
  readonly name: string;
  /** The fingerprint of its key: libp2p's peer id. */
  readonly id: string;
  /** Where it may be dialled, such as `192.168.1.20:5990`. */
  readonly addresses: readonly string[];
  /** When the two were paired, in ISO 8601, UTC. */
  readonly since: string;
  /** Whether there is a connection now. */
  readonly reachable: boolean;
  /** How calls get there: straight, over libp2p, or over another device that carries them. */
  readonly way?: "lane" | "stream" | "relay" | undefined;
  /** Milliseconds that the last PING took. */
  readonly ping?: number | undefined;
  /** When it was last reachable, in ISO 8601, UTC. */
  readonly lastSeen?: string | undefined;
  /** Whether it has removed this device, and lets it in no more. */
  readonly removed?: boolean | undefined;
  /** Whether it carries connections between devices that cannot reach each other. */
  readonly relay?: boolean | undefined;
}

/** What happened when a device was dialled at one of its addresses. */
export interface AddressFinding {
  /** The address, such as `192.168.1.20:5990`. */
  readonly address: string;
  /**
   * `works`; `refused`, nothing listens there; `silent`, nothing comes back; `unrouted`, there is no way; `forbidden`, the
   * link has no permission for it; `outside`, it is in no network that may be dialled; `other`, another device is there;
   * `mute`, what is there is no link; `unwelcome`, the device is there and does not let this one in.
   */
  readonly state:
    | "works"
    | "refused"
    | "silent"
    | "unrouted"
    | "forbidden"
    | "outside"
    | "other"
    | "mute"
    | "unwelcome";
}

/** What {@linkcode AddressFinding.state} may be. */
const ADDRESS_STATES = [
  "works",
  "refused",
  "silent",
  "unrouted",
  "forbidden",
  "outside",
  "other",
  "mute",
  "unwelcome",
] as const satisfies readonly AddressFinding["state"][];

/** What a link has found out about the way to a device. */
export interface DeviceExamination {
  /** The device. */
  readonly device: DeviceDescription;
  /** Where it was dialled, at the addresses it has told and those that were seen by mDNS, and what happened. */
  readonly addresses: readonly AddressFinding[];
  /** Those of the addresses that somebody in this network says by mDNS to be the device's. */
  readonly seen: readonly string[];
  /** Where this device itself listens. */
  readonly own: readonly string[];
  /** Its ports for lanes, and what happened there; none without a connection, or when it takes no lanes. */
  readonly lanes: readonly AddressFinding[];
  /** Names of the devices that could carry a connection, to which there is one. */
  readonly relays: readonly string[];
  /** Name and version of the program there, when it is connected. */
  readonly software?: string | undefined;
  /** Milliseconds by which its clock is ahead of this device's, as far as a question and its answer tell. */
  readonly clock?: number | undefined;
  /** Whether its key, or this device's own, was seen at two places in the last hour. */
  readonly copied?: "own" | "device" | undefined;
}

/** Where this device is reached by others, and whom it dials. */
export interface LinkSettings {
  /** The port on which other devices reach this one, 5990 by default; the next one is that of its lane. */
  readonly port: number;
  /** Subnets and addresses of IPv4 that may be dialled: by default the private ranges, and loopback. */
  readonly networks: readonly string[];
  /** Whether this device carries connections between its paired devices that cannot reach each other; not by default. */
  readonly relay?: boolean | undefined;
  /** Ports on which other devices were said to be reached, where those are neither 5990 nor `port`. */
  readonly dialled?: readonly number[] | undefined;
}

/** A node of this device that asks, for the other device. */
const asking = map({ name: text(64), id: text(LONGEST_ID) });
const device = text(64);
const address = text(255);
const when = text(64);
const port = integer(1, 65_535);
const linkPort = integer(0, 65_534);
const networks = list(text(64), "strings");
const dialled = optional(list(linkPort, "integers"));
const pipe = bytes(PIPE_BYTES);
const ticket = bytes(KEY_BYTES);
const grants = optional(list(text(), "strings"));
const description = map({
  name: device,
  id: text(128),
  addresses: list(address, "strings"),
  since: when,
  reachable: truth,
  way: optional(oneOf("lane", "stream", "relay")),
  ping: optional(number(0, Number.MAX_SAFE_INTEGER)),
  lastSeen: optional(when),
  removed: optional(truth),
  relay: optional(truth),
});

const findings = list(map({ address, state: oneOf(...ADDRESS_STATES) }), "maps");

/** What GPMD and its link ask each other (docs/protocol.md, "Between GPMD and its link"); commands ask some of it, too. */
export const DEVICE_OPERATIONS = {
  "device.invite": operation({ lifetime: integer(1, 2 ** 31 - 1), grants }, {
    code: text(),
    addresses: list(address, "strings"),
    expiresAt: when,
  }),
  "device.join": operation(
    { code: text(), name: optional(device), as: optional(device), grants },
    { device: description, formerly: optional(device), grants },
  ),
  "device.list": operation({}, { devices: list(description, "maps") }),
  "device.rename": operation({ device: text(), name: text() }, {}),
  "device.remove": operation({ device: text() }, {}),
  "device.discover": operation({}, {
    nodes: list(map({ device, names: list(text(64), "strings") }), "maps"),
  }),
  "device.locate": operation({ device, name: text(), by: asking }, {
    name: text(64),
    id: text(LONGEST_ID),
    port,
    ticket,
  }),
  "device.offer": operation({ device, port }, { pipe }),
  "device.open": operation({ device, pipe }, { port }),
  "device.command": operation({ device: text() }, { port, ticket }),
  "device.enter": operation({ device }, {}),
  "device.reach": operation({ device, token: pipe }, {}),
  "device.reached": operation({ token: pipe }, {}),
  "device.paired": operation({ device, code: text(), formerly: optional(device) }, {}),
  "device.serve": operation({}, { relay: truth }),
  "device.settings": operation(
    { port: optional(linkPort), networks: optional(networks), dialled, relay: optional(truth) },
    { port: linkPort, networks, dialled, relay: truth, running: truth },
  ),
  "device.examine": operation({ device: text() }, {
    device: description,
    addresses: findings,
    seen: list(address, "strings"),
    own: list(address, "strings"),
    lanes: findings,
    relays: list(device, "strings"),
    software: optional(text()),
    clock: optional(number(-Number.MAX_SAFE_INTEGER, Number.MAX_SAFE_INTEGER)),
    copied: optional(oneOf("own", "device")),
  }),
  "device.relay": operation({ relay: truth }, {}),
};

/** What GPMD and its link tell each other. */
export const DEVICE_NOTICES = {
  "devices.changed": map({}),
  "nodes.changed": map({}),
  "link.fault": map({ message: text() }),
};
