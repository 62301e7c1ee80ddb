import { writeDuration } from "../../gmp/command/quantities.ts";
import type { AddressFinding, DeviceExamination } from "../../gmp/messages/device.ts";

/** Milliseconds that two clocks may differ without a word: those who show times to people do not notice. */
const CLOCK_TOLERANCE = 5000;

/** Whether a device answers commands of this one, or why that is not known. */
export type Commands = "granted" | "refused" | { readonly error: string };

/** What is known of the way to a device. */
interface Facts extends DeviceExamination {
  /** The networks that this device dials. */
  readonly networks: readonly string[];
  /** What the device may do here. */
  readonly grants: readonly string[];
  /** Whether its GPMD answers commands of this device; nothing when it cannot be reached. */
  readonly commands: Commands | undefined;
}

/** What a person is told. */
interface Diagnosis {
  /** What was found, each a sentence. */
  readonly found: string[];
  /** What to do about it, each a sentence. */
  readonly advice: string[];
}

/** What `facts` mean, and what helps. */
export function diagnose(facts: Facts): Diagnosis {
  const { name } = facts.device;
  const found = [
    reachabilityOf(facts),
    ...facts.addresses.map(({ address, state }) => `${address} ${SENTENCES[state](name)}.`),
    ...discoveryOf(facts),
    ...facts.device.reachable ? wayOf(facts) : relaysOf(facts),
    ...clockOf(facts),
    ...grantsOf(facts),
  ];
  return { found, advice: adviceOn(facts) };
}

type State = AddressFinding["state"];

const SENTENCES: Readonly<Record<State, (name: string) => string>> = {
  works: (name) => `answers as ${name}`,
  refused: () => "refuses the connection: the machine is there, and no link listens at that port",
  silent: () => "does not answer: it is off, in another network, or a firewall drops what it gets",
  unrouted: () => "cannot be reached from the network in which this device is",
  forbidden: () => "is at a port that this device's link may not dial",
  outside: () => "is in none of the networks that this device dials",
  other: (name) => `is another device, with another key than ${name}`,
  mute: () => "takes the connection, and is no link of Ghost Network, or ends it",
  unwelcome: (name) => `is ${name}, which does not let this device in`,
};

function reachabilityOf({ device, software }: Facts): string {
  const { name, reachable, way, ping, lastSeen } = device;
  if (reachable) {
    const time = ping === undefined ? "" : `, a PING takes ${ping.toFixed(1)} ms`;
    const what = software === undefined ? "" : `; it runs ${software}`;
    return `${name} is reached ${WAYS[way ?? "stream"]}${time}${what}.`;
  }
  const since = lastSeen === undefined ? "and never was since it was paired" : `since ${lastSeen}`;
  return `${name} cannot be reached, ${since}.`;
}

const WAYS = {
  lane: "directly, and calls have a connection of their own (lane)",
  stream: "directly, and calls share one connection (stream)",
  relay: "over another device (relay)",
} as const;

function discoveryOf({ device, seen }: Facts): string[] {
  if (device.reachable) return [];
  return seen.length === 0
    ? [`${device.name} was not seen in this network (mDNS).`]
    : [`${device.name} was seen in this network at ${seen.join(", ")} (mDNS).`];
}

function wayOf({ device, lanes }: Facts): string[] {
  if (device.way === "relay") return [];
  if (device.way === "lane") return [];
  if (lanes.length === 0) {
    return [`${device.name} offers no lanes: its port for them is in use, or not known.`];
  }
  return lanes.map(({ address, state }) =>
    `No lane can be opened: ${address} ${SENTENCES[state](device.name)}.`
  );
}

function relaysOf({ device, relays }: Facts): string[] {
  if (relays.length === 0) return ["No connected device carries connections of others."];
  return [`${relays.join(", ")} would carry a connection, and does not reach ${device.name} either.`];
}

function clockOf({ device, clock }: Facts): string[] {
  if (clock === undefined || Math.abs(clock) < CLOCK_TOLERANCE) return [];
  const seconds = writeDuration(Math.round(Math.abs(clock) / 1000) * 1000);
  return [`The clock of ${device.name} is ${seconds} ${clock > 0 ? "ahead of" : "behind"} this device's.`];
}

function grantsOf({ device: { name }, grants, commands }: Facts): string[] {
  const here = `${name} may do here: ${grants.length === 0 ? "nothing" : grants.join(", ")}.`;
  if (commands === undefined) return [here];
  const there = commands === "granted"
    ? `This device may ask the GPMD of ${name} (commands).`
    : commands === "refused"
    ? `This device may not ask the GPMD of ${name} (commands); what its nodes may do there is shown there by: gpmd grants`
    : `The GPMD of ${name} does not answer: ${commands.error}.`;
  return [here, there];
}

function adviceOn(facts: Facts): string[] {
  const { device: { name, reachable, removed, way }, copied, lanes } = facts;
  const has = (state: State) => facts.addresses.some((one) => one.state === state);
  const advice: string[] = [];
  if (copied !== undefined) {
    const whose = copied === "own" ? "this device" : name;
    advice.push(
      `The key of ${whose} is in use at two places: its store was copied. Remove the directory "link" of one of them, and pair that one anew.`,
    );
  }
  if (reachable) {
    if (way === "stream" && lanes.some(({ state }) => state === "silent")) {
      advice.push(`For faster calls, let the firewall of ${name} pass TCP to ${lanes[0]!.address}.`);
    }
    return advice;
  }
  if (removed || has("unwelcome")) {
    return [
      ...advice,
      `${name} has removed this device, or was paired anew. Pair them again: gpmd device remove ${name}, then gpmd device invite there and gpmd device join here.`,
    ];
  }
  if (has("works")) advice.push("It is there, and the two connect within seconds: ask again.");
  if (has("refused")) advice.push(`Start GPMD on ${name}: gpmd start. If it runs there: gpmd device list.`);
  if (has("other")) {
    advice.push(`If ${name} was set up anew, it has a new key: remove it, and pair it again.`);
  }
  if (has("silent") || has("unrouted") || facts.addresses.length === 0) {
    advice.push(
      `See that ${name} is on and in a network that this one reaches, and that no firewall there stops TCP at ${
        portsOf(facts.addresses) || "port 5990"
      }.`,
      "Elsewhere, a VPN gives both an address in one network, or a device that both reach carries them: gpmd device relay on, there.",
    );
  }
  if (has("outside")) {
    advice.push(
      `Let this device dial there: gpmd start --link-networks=${facts.networks.join(",")},${
        facts.addresses.find(({ state }) => state === "outside")!.address.split(":")[0]
      }`,
    );
  }
  if (has("forbidden")) advice.push(`Let both use one port: gpmd start --link-port=PORT, the same on both.`);
  return advice;
}

/** The ports of these, and those after them, for lanes. */
function portsOf(findings: readonly AddressFinding[]): string {
  const ports = new Set(findings.map(({ address }) => Number(address.split(":")[1])));
  return [...ports].map((port) => `port ${port} and ${port + 1}`).join(", ");
}
