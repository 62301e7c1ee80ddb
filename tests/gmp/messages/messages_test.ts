import { assert, assertEquals, assertThrows } from "@std/assert";
import { walk } from "@std/fs/walk";
import { fromFileUrl, relative } from "@std/path";
import { answering, hearing, notify, request } from "../../../gmp/channel/messages.ts";
import { GhostError } from "../../../gmp/errors.ts";
import { decodeBody, encodeBody } from "../../../gmp/frames/body.ts";
import { Flag, Kind, SESSION_CAPS } from "../../../gmp/frames/frame.ts";
import type { Message, Operation } from "../../../gmp/messages/fields.ts";
import { MESSAGES, type NoticeName, NOTICES } from "../../../gmp/messages/messages.ts";
import { FILE_ENTRIES } from "../../../gmp/messages/executor.ts";
import { type OperationName, OPERATIONS } from "../../../gmp/messages/operations.ts";
import { assertFails, frameBytes, withChannels, withPeer } from "../_wire.ts";
import { sampleOfFields, wrongBodies } from "./_samples.ts";

const operations = Object.entries(MESSAGES) as [OperationName, Operation][];
const notices = Object.entries(NOTICES) as [NoticeName, Message][];
const messages: [string, Message][] = [
  ...operations.flatMap(([name, { request, reply }]): [string, Message][] => [
    [`${name}, request`, request],
    [`${name}, reply`, reply],
  ]),
  ...notices,
  ...Object.entries<Message>(FILE_ENTRIES),
];

Deno.test("every operation is described, and nothing else is", () => {
  assertEquals(Object.keys(MESSAGES).sort(), Object.keys(OPERATIONS).sort());
});

Deno.test("every message comes out as it went in, with and without what may be left out, and without what is not known", () => {
  for (const [name, { fields, encode, decode }] of messages) {
    for (const barely of [false, true]) {
      const sample = sampleOfFields(fields, barely);
      const sent = decodeBody(encodeBody(encode(sample as never)));
      assertEquals(sent, sample, name);
      assertEquals(Object.keys(sent), Object.keys(sample), `${name}: the order`);
      assertEquals(decode({ ...sent, unknown: 1 }), sample, name);
      assertEquals(encode({ ...sample, unknown: 1 } as never), sample, name);
    }
  }
});

Deno.test("a field that is missing, of another type, too long or out of range is BAD_REQUEST and named", () => {
  let tried = 0;
  for (const [name, { fields, decode }] of messages) {
    for (const [how, body] of wrongBodies(fields)) {
      const error = assertThrows(
        () => decode(body),
        GhostError,
        "Cannot read the message",
        `${name}: ${how}`,
      );
      assertEquals(error.code, "BAD_REQUEST", `${name}: ${how}`);
      const { field } = error.details as { field: string };
      // Of a map that is none of its kind the first field that it lacks is named.
      assert(how.includes(field) || how.endsWith("a map"), `${name}: ${how} is told of ${field}`);
      tried++;
    }
  }
  assert(tried > 500, `${tried}`);
});

Deno.test("nil stands for a field that may be left out", () => {
  for (const [name, { fields, decode }] of messages) {
    const barely = sampleOfFields(fields, true);
    const nil = Object.fromEntries(Object.keys(fields).map((field) => [field, null]));
    assertEquals(decode({ ...nil, ...barely }), barely, name);
  }
});

Deno.test("requests that are wrong in one field are answered with BAD_REQUEST, and never reach a handler", async () => {
  const reached: string[] = [];
  const handlers = Object.fromEntries(operations.map(([name, { reply }]) => [name, () => {
    reached.push(name);
    return sampleOfFields(reply.fields);
  }]));
  await withChannels({}, { handlers: answering(handlers) }, async (left) => {
    for (const [name, { request: { fields } }] of operations) {
      for (const [how, body] of wrongBodies(fields)) {
        const error = await left.request(name, body).then(() => undefined, (error) => GhostError.from(error));
        assertEquals(error?.code, "BAD_REQUEST", `${name}: ${how}`);
      }
    }
    assertEquals(reached, []);
    for (const [name, { request: { fields } }] of operations) {
      await left.request(name, sampleOfFields(fields));
    }
    assertEquals(reached, operations.map(([name]) => name));
  });
});

Deno.test("a reply that is wrong fails its question with BAD_REQUEST, and the connection goes on", async () => {
  await withPeer({}, async (channel, peer) => {
    for (const [name, { request: { fields }, reply }] of operations) {
      for (const [how, payload] of wrongBodies(reply.fields)) {
        const failing = assertFails(request(channel, name, sampleOfFields(fields) as never), "BAD_REQUEST");
        const { id } = (await peer.next())!;
        await peer.send(frameBytes(Kind.REPLY, { id, payload }));
        const error = await failing;
        assert(error.message.startsWith("Cannot read the message"), `${name}: ${how}`);
      }
    }
    assertEquals([channel.open, channel.pendingCount], [true, 0]);
  });
});

Deno.test("a reply that is wrong and goes ahead of DATA fails its question, and the DATA is cancelled", async () => {
  await withPeer({}, async (channel, peer) => {
    const seen: unknown[] = [];
    const failing = assertFails(
      request(channel, "module.get", { name: "math" }, {
        head: (reply) => seen.push(reply),
        data: (bytes) => seen.push(bytes.length),
      }),
      "BAD_REQUEST",
      '"name" is missing',
    );
    const { id } = (await peer.next())!;
    await peer.send(
      frameBytes(Kind.REPLY, { id, flags: Flag.MORE, payload: {} }),
      frameBytes(Kind.DATA, { id, payload: Uint8Array.of(1, 2) }),
    );
    await failing;
    const { kind, id: cancelled } = (await peer.next())!;
    assertEquals([kind, cancelled], [Kind.CANCEL, id]);
    assertEquals([seen, channel.open, channel.pendingCount], [[], true, 0]);
  });
});

Deno.test("a notice that is wrong ends the connection with BAD_REQUEST; one that is not known is ignored", async () => {
  for (const [name, { fields }] of notices) {
    const heard: unknown[] = [];
    const notice = hearing({ [name]: (fields: unknown) => heard.push(fields) });
    for (const [how, payload] of wrongBodies(fields)) {
      if (encodeBody({ ...payload, notice: name }).length > SESSION_CAPS[Kind.NOTICE]!) continue;
      await withPeer({ notice }, async (channel, peer) => {
        await peer.send(frameBytes(Kind.NOTICE, { payload: { ...payload, notice: name } }));
        assertEquals((await channel.closed)?.code, "BAD_REQUEST", `${name}: ${how}`);
      });
    }
    assertEquals(heard, []);
    await withPeer({ notice }, async (channel, peer) => {
      await peer.send(frameBytes(Kind.NOTICE, { payload: { notice: "constructor" } }));
      const payload = sampleOfFields(fields);
      await peer.send(frameBytes(Kind.NOTICE, { payload: { ...payload, notice: name } }));
      notify(channel, name, payload as never); // behind it, so that what came was taken
      assertEquals(await peer.body(Kind.NOTICE), { ...payload, notice: name });
      assertEquals(channel.open, true);
      await channel.close();
    });
  }
});

Deno.test("neither command asks, tells or answers by hand", async () => {
  const byHand = /(?:[cC]hannel|[cC]ontrol|gpmd)!?\??\.(?:request|ask|stream|notify)\(|handlers: \{/;
  const root = fromFileUrl(new URL("../../../", import.meta.url));
  const found: string[] = [];
  for (const room of ["gpmd", "gvm"]) {
    for await (const { path } of walk(`${root}${room}`, { exts: [".ts"] })) {
      if (byHand.test(await Deno.readTextFile(path))) found.push(relative(root, path));
    }
  }
  assertEquals(found, []);
  assert(byHand.test('await this.#channel.request("node.discover")'));
});
