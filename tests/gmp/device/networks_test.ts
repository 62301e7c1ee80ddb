import { assert, assertEquals, assertFalse, assertThrows } from "@std/assert";
import { GhostError } from "../../../gmp/errors.ts";
import { isNetwork, Networks, PRIVATE_NETWORKS } from "../../../gmp/device/networks.ts";

Deno.test("the private networks have their first and last addresses, and no neighbour of them", () => {
  const networks = new Networks(PRIVATE_NETWORKS);
  const inside = [
    "10.0.0.0",
    "10.255.255.255",
    "172.16.0.0",
    "172.31.255.255",
    "192.168.0.1",
    "100.64.0.1",
    "127.0.0.1",
  ];
  const outside = [
    "9.255.255.255",
    "11.0.0.0",
    "172.15.255.255",
    "172.32.0.0",
    "192.169.0.0",
    "100.128.0.0",
    "8.8.8.8",
  ];
  assertEquals(inside.filter((address) => networks.has(address)), inside);
  assertEquals(outside.filter((address) => networks.has(address)), []);
  assertFalse(networks.isLoopbackOnly);
});

Deno.test("a network may be one address, a host in it, or everything", () => {
  assert(new Networks(["192.168.1.20"]).has("192.168.1.20"));
  assertFalse(new Networks(["192.168.1.20"]).has("192.168.1.21"));
  assert(new Networks(["192.168.1.20/24"]).has("192.168.1.255"));
  assert(new Networks(["0.0.0.0/0"]).has("255.255.255.255"));
  assertFalse(new Networks([]).has("127.0.0.1"));
  assert(new Networks(["127.0.0.0/8"]).isLoopbackOnly);
  assertFalse(new Networks(["126.0.0.0/7"]).isLoopbackOnly);
});

Deno.test("what is no address is in no network, and no network", () => {
  const all = new Networks(["0.0.0.0/0"]);
  const wrong = [
    "",
    "1.2.3",
    "1.2.3.4.5",
    "1.2.3.256",
    "010.0.0.0",
    "01.2.3.4",
    "1.2.3.4 ",
    "::1",
    "localhost",
    "1.2.3.",
    ".1.2.3",
  ];
  assertEquals(wrong.filter((text) => all.has(text)), []);
  for (const text of [...wrong, "10.0.0.0/33", "10.0.0.0/", "10.0.0.0/8/8", "10.0.0.0/-1"]) {
    assertFalse(isNetwork(text), text);
    assertThrows(() => new Networks([text]), GhostError, `Cannot use "${text}" as a network`);
  }
});
