import { assertEquals } from "@std/assert";
import { Networks, PRIVATE_NETWORKS } from "../../../../gmp/device/networks.ts";
import { usableAddresses } from "../../../../gpmd/link/engine/addresses.ts";

Deno.test("another device's word leads to no port of this one, unless loopback is all there is", () => {
  const told = ["127.0.0.1:1111", "192.168.1.20:5990", "127.1.2.3:22", "8.8.8.8:5990"];
  assertEquals(usableAddresses(told, new Networks(PRIVATE_NETWORKS)), ["192.168.1.20:5990"]);
  assertEquals(usableAddresses(told, new Networks(["127.0.0.0/8"])), ["127.0.0.1:1111", "127.1.2.3:22"]);
});
