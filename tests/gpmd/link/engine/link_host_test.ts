import { assert, assertEquals, assertRejects, assertThrows } from "@std/assert";
import { request } from "../../../../gmp/channel/messages.ts";
import { GhostError } from "../../../../gmp/errors.ts";
import { linkTest, pair, startHost } from "./_hosts.ts";

const SIZE = 10 << 20;

/** `SIZE` bytes in pieces, none of which is like the one before. */
function* pieces(): Generator<Uint8Array> {
  for (let sent = 0, length = 1; sent < SIZE; sent += length, length = length * 7 % 100_003) {
    length = Math.min(length, SIZE - sent);
    yield new Uint8Array(length).fill(sent % 251);
  }
}

async function digest(chunks: AsyncIterable<Uint8Array> | Iterable<Uint8Array>): Promise<[number, number]> {
  let [size, sum] = [0, 0];
  for await (const chunk of chunks) {
    for (const byte of chunk) sum = (Math.imul(sum, 31) + byte) | 0;
    size += chunk.length;
  }
  return [size, sum];
}

linkTest("two devices pair, ask each other and pipe ten mebibytes both ways", async () => {
  const asked: string[] = [];
  const answer = (device: () => string) => ({
    "node.discover": () => {
      asked.push(device());
      return { names: ["node-1"] };
    },
  });
  await using laptop = await startHost("laptop", { answer });
  await using pi = await startHost("pi", { answer });
  assertEquals(laptop.host.addresses, []);
  await pair(laptop, pi);
  assertEquals(laptop.host.devices().map(({ name, id, reachable, way }) => ({ name, id, reachable, way })), [
    { name: "pi", id: pi.host.id, reachable: true, way: "stream" },
  ]);
  assertEquals(pi.host.devices()[0]?.addresses, laptop.host.addresses);
  assertEquals(await request(pi.host.channel("laptop"), "node.discover", {}), { names: ["node-1"] });
  assertEquals(await request(laptop.host.channel("pi"), "node.discover", {}), { names: ["node-1"] });
  assertEquals(asked, ["pi", "laptop"]);

  const token = crypto.getRandomValues(new Uint8Array(16));
  const there = await pi.host.openPipe("laptop", token);
  const back = await laptop.nextPipe();
  assertEquals([back.device, back.token], ["pi", token]);
  const send = (writable: WritableStream<Uint8Array>) => ReadableStream.from(pieces()).pipeTo(writable);
  const [, , one, other] = await Promise.all([
    send(there.writable),
    send(back.stream.writable),
    digest(there.readable),
    digest(back.stream.readable),
  ]);
  const sent = await digest(pieces());
  assertEquals(sent[0], SIZE);
  assertEquals([one, other], [sent, sent]);
  await Promise.all([there.close(), back.stream.close()]);
});

linkTest("a device that is not paired reaches nothing, whether an invitation is open or not", async () => {
  await using laptop = await startHost("laptop");
  await using pi = await startHost("pi");
  await using stranger = await startHost("stranger");
  await pair(laptop, pi);
  assertThrows(() => stranger.host.channel("laptop"), GhostError, "not paired");
  // It knows key and addresses, but no token.
  const { code } = await laptop.host.invite({ lifetime: 60_000 });
  const wrong = code.replace(/-\w{26}@/, `-${"0".repeat(26)}@`);
  for (let tries = 0; tries < 3; tries++) {
    const error = await assertRejects(
      () => stranger.host.join(wrong),
      GhostError,
      "not the code of an open invitation",
    );
    assertEquals(error.code, "PAIRING_FAILED");
  }
  // Three wrong tries have ended the invitation, for everybody at that address.
  const late = await assertRejects(() => stranger.host.join(code), GhostError);
  assertEquals(late.code, "PAIRING_FAILED");
  assert(late.message.includes("wrong tries"), late.message);
  assertEquals(laptop.host.devices().map(({ name }) => name), ["pi"]);
  assertEquals(stranger.host.devices(), []);
  assertEquals(stranger.host.addresses, []);
});
