// Every function of WASI 0.2 with arguments drawn at random, of the types that it has: what it returns is of its type, and
// nothing but what is meant to end a guest is thrown.
import { assert, assertEquals } from "@std/assert";
import { callAtRandom } from "../_typed_guest.ts";

/** Resources that no guest is ever given. */
const NEVER_GIVEN =
  /(incoming-|future-|response-outparam|tcp-socket|udp-socket|datagram-stream|resolve-address-stream)/;

Deno.test("arguments drawn at random give values of the right types, or end the guest as they should", () => {
  const { missed, ended } = callAtRandom({
    version: "0.2",
    everyImport: "every_import_2",
    interfaces: /^/,
    rounds: 400,
    callsOfRound: 1000,
  });
  const exits = missed.filter((what) => !NEVER_GIVEN.test(what));
  assertEquals(exits, ["wasi:cli/exit@0.2.12 exit", "wasi:cli/exit@0.2.12 exit-with-code"]);
  for (const what of exits) assert(ended.has(what), what);
});
