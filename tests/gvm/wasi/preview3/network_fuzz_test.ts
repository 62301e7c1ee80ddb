// The functions of wasi:http and wasi:sockets of WASI 0.3 with arguments drawn at random, of the types that they have, streams and
// futures among them: those of other packages are called by a component, in fuzz_test.ts.
import { assertEquals } from "@std/assert";
import { callAtRandom } from "../_typed_guest.ts";

Deno.test("functions for messages and sockets give values of the right types, or end the guest as they should", () => {
  const { missed } = callAtRandom({
    version: "0.3",
    everyImport: "every_import_3",
    interfaces: /^wasi:(http|sockets)\//,
    rounds: 30,
    callsOfRound: 1000,
  });
  // Nobody is given a socket.
  assertEquals(missed.filter((what) => !/\[method\](tcp|udp)-socket\./.test(what)), []);
});
