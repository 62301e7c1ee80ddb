import { assertEquals, assertThrows } from "@std/assert";
import { GhostError } from "../../../gmp/errors.ts";
import { DeviceQuotas } from "../../../gpmd/devices/device_quotas.ts";

/** How often `action` succeeds, and the code of the error with which it stops doing so. */
function until(action: () => void): [number, string] {
  for (let count = 0;; count++) {
    try {
      action();
    } catch (error) {
      return [count, GhostError.from(error).code];
    }
  }
}

Deno.test("a device locates a thousand nodes at once, then fifty a second, whatever others do", () => {
  let now = 0;
  const quotas = new DeviceQuotas(() => now);
  assertEquals(until(() => quotas.locate("laptop")), [1024, "TOO_MANY_REQUESTS"]);
  assertEquals(until(() => quotas.locate("pi")), [1024, "TOO_MANY_REQUESTS"]);
  now += 1000;
  assertEquals(until(() => quotas.locate("laptop")), [50, "TOO_MANY_REQUESTS"]);
  now += 3_600_000; // what was not used is not saved
  assertEquals(until(() => quotas.locate("laptop")), [1024, "TOO_MANY_REQUESTS"]);
});

Deno.test("a device has so many connections for commands, all together have so many, and one that ends makes room", () => {
  const quotas = new DeviceQuotas();
  assertEquals(until(() => quotas.enter("laptop")), [32, "TOO_MANY_CONNECTIONS"]);
  quotas.leave("laptop");
  quotas.enter("laptop");
  let device = 0;
  assertEquals(until(() => quotas.enter(`pi-${device++}`)), [256 - 32, "TOO_MANY_CONNECTIONS"]);
  // Any number of names, which a link may make up, forgets none that is there.
  for (let name = 0; name < 10_000; name++) quotas.logs(`name-${name}`);
  assertThrows(() => quotas.enter("laptop"), GhostError);
});

Deno.test("of what a device does the log has twenty lines in ten seconds", () => {
  let now = 0;
  const quotas = new DeviceQuotas(() => now);
  const logged = (device: string) =>
    Array.from({ length: 100 }, () => quotas.logs(device)).filter(Boolean).length;
  assertEquals([logged("laptop"), logged("laptop"), logged("pi")], [20, 0, 20]);
  now += 10_000;
  assertEquals(logged("laptop"), 20);
});
