// docs/protocol.md has the fields of replies and notices that a real daemon sends, no fewer and no more.
import { assert, assertEquals, assertNotEquals } from "@std/assert";
import type { Body } from "../../gmp/frames/body.ts";
import { Channel } from "../../gmp/channel/channel.ts";
import { LARGE_REPLY_CAPS } from "../../gmp/frames/frame.ts";
import { SECRET_KEY_NAME } from "../../gmp/handshake/keys.ts";
import { dial } from "../../gmp/ports/tcp.ts";
import { connectNode, getBytes } from "../gpmd/_node.ts";
import { ADD_MODULE, sha256 } from "../gpmd/_modules.ts";
import { startDaemon, type TestDaemon } from "../tools/daemon_process.ts";
import { readPage, rowsOf } from "./_tables.ts";

const page = await readPage("protocol.md");
const rows = rowsOf(page, "number", "operation", "request", "reply");

/** The fields of a map, each with those of the map that it is, or that its items are. */
type Shape = { [field: string]: Shape };

/** The shape that a text such as `{ name, ports: { gmp } }` describes. */
function shapeIn(text: string): Shape {
  const open: Shape[] = [{}];
  let last = "";
  for (const [token] of text.matchAll(/[{}]|\w+/g)) {
    if (token === "{") open.push(last === "" ? open[0]! : open.at(-1)![last]!);
    else if (token === "}") open.pop();
    else open.at(-1)![last = token] = {};
  }
  return open[0]!;
}

/** The shape of what was sent. */
function shapeOf(value: unknown): Shape {
  const one = Array.isArray(value) ? value[0] : value;
  if (typeof one !== "object" || one === null || one instanceof Uint8Array) return {};
  return Object.fromEntries(Object.entries(one).map(([field, inner]) => [field, shapeOf(inner)]));
}

/** The fields of a cell such as "`names`: list of strings, `nodes`: list of `{ name, id }`". */
function shapeOfCell(cell: string): Shape {
  if (/^\w+$/.test(cell)) return { [cell]: {} }; // the marks of one alone were taken off
  const shape: Shape = {};
  let last = "";
  for (const [, code] of cell.matchAll(/`([^`]+)`/g)) {
    if (code!.startsWith("{")) shape[last] = shapeIn(code!);
    else if (/^\w+$/.test(code!)) shape[last = code!] = {};
  }
  return shape;
}

function replyOf(operation: string): Shape {
  return shapeOfCell(rows.find((row) => row.operation === operation)!.reply!);
}

async function commands({ settings, secret }: TestDaemon): Promise<Channel> {
  const to = { hostname: "127.0.0.1", port: settings.commandPort, keyName: SECRET_KEY_NAME, key: secret };
  return new Channel(await dial({ ...to, audience: "gpmd/commands", caps: LARGE_REPLY_CAPS }));
}

async function put(channel: Channel, name: string): Promise<Body> {
  const announced = { name, version: "v1.0.0", size: ADD_MODULE.length, hash: await sha256(ADD_MODULE) };
  const { reply, send } = channel.stream("module.put", announced);
  send(ADD_MODULE, false);
  return await reply;
}

Deno.test("protocol.md has the fields of what GPMD answers to commands", async () => {
  await using daemon = await startDaemon();
  await using node = await connectNode(daemon);
  await node.register("node-1");
  const channel = await commands(daemon);
  const published = await put(channel, "m");
  assertEquals(shapeOf(published), replyOf("module.put"));
  const status = /\*\*gpmd\.status\*\*:\s+`([^`]+)`/.exec(page)![1]!;
  const counts = shapeIn(/each `(\{ open, [^`]+)`/.exec(page)![1]!);
  const expected = shapeIn(status);
  Object.assign(expected.connections!, { command: counts, gmp: counts });
  assertEquals(shapeOf(await channel.request("gpmd.status")), expected);
  assertEquals(shapeOf(await channel.request("gpmd.nodes")), replyOf("gpmd.nodes"));
  assertEquals(shapeOf(await channel.request("module.list")), replyOf("module.list"));
  const { unchanged: _, ...summary } = replyOf("module.put");
  const item = shapeIn(/are lists of `(\{ name, kind, [^`]+)`/.exec(page)![1]!);
  const info = await channel.request("module.info", { name: "m" });
  assertEquals(shapeOf({ ...info, imports: info.exports, memories: [] }), {
    ...summary,
    exports: item,
    imports: item,
    memories: {},
    omitted: {},
  });
  assertEquals(shapeOf(await channel.request("module.remove", { name: "m" })), replyOf("module.remove"));
  assertEquals(shapeOf(await channel.request("gpmd.kill")), replyOf("gpmd.kill"));
  await channel.closed;
});

Deno.test("protocol.md has the fields of what GPMD answers and tells nodes", async () => {
  await using daemon = await startDaemon();
  await using node = await connectNode(daemon);
  await using other = await connectNode(daemon);
  const registration = { name: "node-1", id: crypto.randomUUID(), port: 4000 };
  assertEquals(shapeOf(await node.channel.request("node.register", registration)), replyOf("node.register"));
  await other.register("node-2");
  assertEquals(shapeOf(await node.channel.request("node.discover")), replyOf("node.discover"));
  const located = await node.channel.request("node.locate", { name: "node-2" });
  assertEquals(shapeOf(located), replyOf("node.locate"));
  const notice = /NOTICE `peer\.expected`\s+`([^`]+)`/.exec(page)![1]!;
  assertEquals(shapeOf(await other.notice()), { ...shapeIn(notice), notice: {} });
  const channel = await commands(daemon);
  await put(channel, "m");
  const changed = /NOTICE `modules\.changed` `(\{ name \})`/.exec(page)![1]!;
  assertEquals(shapeOf(await node.notice()), { ...shapeIn(changed), notice: {} });
  const { reply } = await getBytes(node.channel, { name: "m" });
  assertEquals(shapeOf(reply), replyOf("module.get"));
  const { hash } = reply;
  const unchanged = await node.channel.request("module.get", {
    name: "m",
    encoding: "bytes",
    ifNoneMatch: hash,
  });
  assertEquals(shapeOf(unchanged), { ...replyOf("module.get"), unchanged: {} });
  await channel.close();
});

Deno.test("a field that is planted in the page, or missing there, is noticed", () => {
  const cell = rows.find((row) => row.operation === "node.locate")!.reply!;
  assert(Object.keys(shapeOfCell(cell)).length === 5);
  assertNotEquals(shapeOfCell(`${cell}, \`planted\``), shapeOfCell(cell));
  assertNotEquals(shapeOfCell(cell.replace("`ticket`", "`tickets`")), shapeOfCell(cell));
  assertEquals(shapeIn("{ a, b: { c, d }, e }"), { a: {}, b: { c: {}, d: {} }, e: {} });
});
