// What the doctor makes of what it was told: the states that two devices on loopback cannot be in.
import { assertEquals, assertStringIncludes } from "@std/assert";
import type { AddressFinding } from "../../../gmp/messages/device.ts";
import { diagnose } from "../../../gpmd/cli/diagnosis.ts";

type Facts = Parameters<typeof diagnose>[0];

const ADDRESS = "192.168.1.20:5990";

/** A device that was never reached, and what differs. */
function facts(state: AddressFinding["state"] | undefined, others: Partial<Facts> = {}): Facts {
  return {
    device: { name: "laptop", id: "12D3", addresses: [ADDRESS], since: "2026-11-01", reachable: false },
    addresses: state === undefined ? [] : [{ address: ADDRESS, state }],
    seen: [],
    own: ["10.0.0.1:5990"],
    lanes: [],
    relays: [],
    networks: ["10.0.0.0/8"],
    grants: ["*"],
    commands: undefined,
    ...others,
  };
}

const advice = (given: Facts) => diagnose(given).advice.join("\n");
const found = (given: Facts) => diagnose(given).found.join("\n");

Deno.test("where nothing comes back, it is the firewall, with its ports, or another network", () => {
  for (const state of ["silent", "unrouted"] as const) {
    assertStringIncludes(advice(facts(state)), "no firewall there stops TCP at port 5990 and 5991");
    assertStringIncludes(advice(facts(state)), "gpmd device relay on, there");
  }
  assertStringIncludes(advice(facts(undefined)), "port 5990");
});

Deno.test("an address outside of the networks is named in the command that lets it in", () => {
  assertEquals(
    advice(facts("outside")),
    "Let this device dial there: gpmd start --link-networks=10.0.0.0/8,192.168.1.20",
  );
});

Deno.test("a port that the link may not dial, and a device that is there, have their own advice", () => {
  assertStringIncludes(advice(facts("forbidden")), "gpmd start --link-port=PORT");
  assertStringIncludes(advice(facts("works")), "ask again");
});

Deno.test("a copied store is told apart: this device's own, and the other's", () => {
  assertStringIncludes(
    advice(facts("refused", { copied: "own" })),
    "The key of this device is in use at two places",
  );
  assertStringIncludes(
    advice(facts("refused", { copied: "device" })),
    "The key of laptop is in use at two places",
  );
});

Deno.test("relays, what mDNS saw, and clocks that differ are told, and a clock that hardly does is not", () => {
  const text = found(facts("silent", { relays: ["desk"], seen: ["192.168.1.30:5990"] }));
  assertStringIncludes(text, "desk would carry a connection, and does not reach laptop either.");
  assertStringIncludes(text, "laptop was seen in this network at 192.168.1.30:5990 (mDNS).");
  assertStringIncludes(
    found(facts("works", { clock: 90_400 })),
    "The clock of laptop is 1m30s ahead of this device's.",
  );
  assertStringIncludes(found(facts("works", { clock: -90_400 })), "behind this device's.");
  assertEquals(found(facts("works", { clock: 4000 })).includes("clock"), false);
});

Deno.test("a device that is reached without a lane says why, and what its firewall is to pass", () => {
  const device = { ...facts("works").device, reachable: true, way: "stream" as const };
  const lanes = [{ address: "192.168.1.20:5991", state: "silent" as const }];
  const given = facts("works", { device, lanes, commands: "refused" });
  assertStringIncludes(found(given), "No lane can be opened: 192.168.1.20:5991 does not answer");
  assertStringIncludes(advice(given), "let the firewall of laptop pass TCP to 192.168.1.20:5991");
});
