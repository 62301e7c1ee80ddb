import { assertEquals, assertThrows } from "@std/assert";
import { GhostError } from "../../../gmp/errors.ts";
import { DEVICE_OPERATIONS, type DeviceDescription, PIPE_BYTES } from "../../../gmp/messages/device.ts";

const LAPTOP: DeviceDescription = {
  name: "laptop",
  id: "12D3KooWAbc",
  addresses: ["192.168.1.20:5990"],
  since: "2026-01-01T00:00:00.000Z",
  reachable: true,
  way: "lane",
  ping: 0.25,
};

Deno.test("a PING between devices takes a fraction of a millisecond", () => {
  const { reply } = DEVICE_OPERATIONS["device.list"];
  assertEquals(reply.decode(reply.encode({ devices: [LAPTOP] })), { devices: [LAPTOP] });
  for (const ping of [-0.1, Infinity, NaN, "1"]) {
    assertThrows(
      () => reply.decode({ devices: [{ ...LAPTOP, ping }] }),
      GhostError,
      '"ping" is not a number',
    );
  }
});

Deno.test("a pipe is named by 128 bits", () => {
  assertEquals(PIPE_BYTES * 8, 128);
  const { request } = DEVICE_OPERATIONS["device.open"];
  const pipe = crypto.getRandomValues(new Uint8Array(PIPE_BYTES));
  assertEquals(request.decode({ device: "laptop", pipe }), { device: "laptop", pipe });
});
