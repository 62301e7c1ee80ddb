/** Conversations as they were recorded: what the side that connects sends once its handshake is done. */
import { Kind } from "../../gmp/frames/frame.ts";
import type { WireFrame } from "../gmp/_wire.ts";

/** The four kinds of port: the daemon's two, a node's and an executor's. */
export const PORT_KINDS = ["command", "gmp", "front-door", "executor"] as const;
/** One of them. */
export type PortKind = typeof PORT_KINDS[number];

/** The frames of one connection, in order. */
export type Conversation = readonly WireFrame[];

const HEADING = "conversation";
const KINDS = Object.entries(Kind) as [keyof typeof Kind, Kind][];

/** The conversations that were recorded at a kind of port. */
export function readRecording(port: PortKind): Conversation[] {
  const conversations: WireFrame[][] = [];
  for (const line of Deno.readTextFileSync(recordingOf(port)).trimEnd().split("\n")) {
    if (line === HEADING) conversations.push([]);
    else conversations.at(-1)!.push(parseFrame(line));
  }
  return conversations;
}

/** Replaces the recording of a kind of port. */
export function writeRecording(port: PortKind, conversations: readonly Conversation[]): void {
  const lines = conversations.flatMap((frames) => [HEADING, ...frames.map(formatFrame)]);
  Deno.writeTextFileSync(recordingOf(port), `${lines.join("\n")}\n`);
}

/** `KIND flags operation id payload`, the payload in hexadecimal and `-` when there is none. */
function formatFrame({ kind, flags, operation, id, payload }: WireFrame): string {
  const name = KINDS.find(([, value]) => value === kind)![0];
  return `${name} ${flags} ${operation} ${id} ${payload.toHex() || "-"}`;
}

function parseFrame(line: string): WireFrame {
  const [name, flags, operation, id, payload] = line.split(" ") as [keyof typeof Kind, ...string[]];
  return {
    kind: Kind[name],
    flags: Number(flags),
    operation: Number(operation),
    id: Number(id),
    payload: Uint8Array.fromHex(payload === "-" ? "" : payload!),
  };
}

function recordingOf(port: PortKind): URL {
  return new URL(`recordings/${port}.txt`, import.meta.url);
}
