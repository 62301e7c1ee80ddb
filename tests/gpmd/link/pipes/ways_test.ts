import { assertEquals, assertStrictEquals } from "@std/assert";
import { GhostError } from "../../../../gmp/errors.ts";
import { Ways } from "../../../../gpmd/link/pipes/ways.ts";
import { endAndSocket, readUpTo } from "./_sockets.ts";

Deno.test("a lane that cannot be opened is tried once, and again when its time is over or something has changed", async () => {
  const [end, socket] = await endAndSocket();
  let tried = 0;
  let now = 0;
  let isThere = false;
  const ways = new Ways({
    lane: () => {
      tried++;
      return isThere ? Promise.resolve(end) : Promise.reject(new GhostError("DEVICE_UNREACHABLE"));
    },
    stream: () => Promise.resolve(end),
    now: () => now,
  });
  const token = crypto.getRandomValues(new Uint8Array(16));
  for (let i = 0; i < 3; i++) assertStrictEquals(await ways.open("pi", token), end);
  assertEquals([tried, ways.hasLane("pi")], [1, false]);
  ways.forget("pi");
  await ways.open("pi", token);
  assertEquals(tried, 2);
  now += 59_999;
  await ways.open("pi", token);
  assertEquals(tried, 2);
  now += 1;
  isThere = true;
  await ways.open("pi", token);
  assertEquals([tried, ways.hasLane("pi")], [3, true]);
  // A stream's token is what the engine sends.
  end.end();
  assertEquals((await readUpTo(socket, 32)).toHex(), token.toHex());
  end.abort();
  socket.close();
});
