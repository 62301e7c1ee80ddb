// What a real daemon sends has the fields that gmp/messages/ describes, no fewer and no more; tests/docs/protocol_test.ts compares
// the descriptions with docs/protocol.md.
import { assertEquals } from "@std/assert";
import type { Body } from "../../gmp/frames/body.ts";
import { Channel } from "../../gmp/channel/channel.ts";
import { LARGE_REPLY_CAPS } from "../../gmp/frames/frame.ts";
import { SECRET_KEY_NAME } from "../../gmp/handshake/keys.ts";
import { dial } from "../../gmp/ports/tcp.ts";
import { connectNode, getBytes } from "../gpmd/_node.ts";
import { ADD_MODULE, sha256 } from "../gpmd/_modules.ts";
import { startDaemon, type TestDaemon } from "../tools/daemon_process.ts";
import type { OperationName } from "../../gmp/messages/operations.ts";
import { MESSAGES, type NoticeName, NOTICES } from "../../gmp/messages/messages.ts";
import { text } from "../../gmp/messages/fields.ts";
import { misfit, shapeOfFields } from "./_shapes.ts";

function assertReply(operation: OperationName, body: Body): void {
  assertEquals(misfit(body, shapeOfFields(MESSAGES[operation].reply.fields)), undefined, operation);
}

function assertNotice(name: NoticeName, body: Body): void {
  assertEquals(body.notice, name);
  assertEquals(misfit(body, shapeOfFields({ ...NOTICES[name].fields, notice: text() })), undefined, name);
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

Deno.test("what GPMD answers to commands is as described", async () => {
  await using daemon = await startDaemon();
  await using node = await connectNode(daemon);
  await node.register("node-1");
  const channel = await commands(daemon);
  assertReply("module.put", await put(channel, "m"));
  assertReply("gpmd.status", await channel.request("gpmd.status"));
  assertReply("gpmd.nodes", await channel.request("gpmd.nodes"));
  assertReply("module.list", await channel.request("module.list"));
  assertReply("module.info", await channel.request("module.info", { name: "m" }));
  assertReply("module.remove", await channel.request("module.remove", { name: "m" }));
  assertReply("gpmd.kill", await channel.request("gpmd.kill"));
  await channel.closed;
});

Deno.test("what GPMD answers and tells nodes is as described", async () => {
  await using daemon = await startDaemon();
  await using node = await connectNode(daemon);
  await using other = await connectNode(daemon);
  const registration = { name: "node-1", id: crypto.randomUUID(), port: 4000 };
  assertReply("node.register", await node.channel.request("node.register", registration));
  await other.register("node-2");
  assertReply("node.discover", await node.channel.request("node.discover"));
  assertReply("node.locate", await node.channel.request("node.locate", { name: "node-2" }));
  assertNotice("peer.expected", await other.notice());
  const channel = await commands(daemon);
  await put(channel, "m");
  const told = await node.notice();
  assertNotice("modules.changed", told);
  assertEquals(told.name, "m"); // GPMD says which
  const { reply } = await getBytes(node.channel, { name: "m" });
  assertReply("module.get", reply);
  const asked = { name: "m", encoding: "bytes", ifNoneMatch: reply.hash };
  const unchanged = await node.channel.request("module.get", asked);
  assertReply("module.get", unchanged);
  assertEquals(unchanged.unchanged, true);
  await channel.close();
});

Deno.test("a field that is sent and not described, or described and not sent, is noticed", () => {
  const shape = { name: {}, "version?": {}, nodes: { id: {} } };
  const sent = { name: "m", nodes: [{ id: 1 }] };
  assertEquals(misfit(sent, shape), undefined);
  assertEquals(misfit({ ...sent, version: "v1" }, shape), undefined);
  assertEquals(misfit({ ...sent, planted: 1 }, shape), ".planted is not described");
  assertEquals(misfit({ nodes: [] }, shape), ".name is missing");
  assertEquals(misfit({ ...sent, nodes: [{ id: 1, port: 2 }] }, shape), ".nodes.port is not described");
});
