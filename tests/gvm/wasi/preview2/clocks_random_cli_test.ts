import { assert, assertEquals, assertNotEquals, assertThrows } from "@std/assert";
import { GhostError } from "../../../../gmp/errors.ts";
import { ExitStatus, InputQueue } from "../../../../gvm/wasi/mod.ts";
import { MAX_RANDOM } from "../../../../gvm/wasi/preview2/random.ts";
import { Host } from "./_host.ts";

const MONOTONIC = "clocks/monotonic-clock";

Deno.test("the monotonic clock never goes back, and the wall clock tells the time", () => {
  const host = new Host();
  const before = host.call(MONOTONIC, "now") as bigint;
  assert(host.call(MONOTONIC, "now") as bigint >= before);
  assertEquals(host.call(MONOTONIC, "resolution"), 1000n);
  const { seconds, nanoseconds } = host.call("clocks/wall-clock", "now") as {
    seconds: bigint;
    nanoseconds: number;
  };
  assert(Math.abs(Number(seconds) - Date.now() / 1000) < 5 && nanoseconds < 1e9);
  assertEquals(host.call("clocks/wall-clock", "resolution"), { seconds: 0n, nanoseconds: 1000 });
  const zone = host.call("clocks/timezone", "display", { seconds, nanoseconds });
  assertEquals(zone, { utcOffset: 0, name: "UTC", inDaylightSavingTime: false });
});

Deno.test("a guest sleeps until an instant, or for a time, and polls for the first of several", async () => {
  const host = new Host();
  const start = host.call(MONOTONIC, "now") as bigint;
  const soon = host.call(MONOTONIC, "subscribe-instant", start + 20_000_000n);
  const late = host.call(MONOTONIC, "subscribe-duration", 2n ** 64n - 1n);
  assertEquals(host.call("io/poll", "[method]pollable.ready", soon), false);
  assertEquals(await host.call("io/poll", "poll", [late, soon]), new Uint32Array([1]));
  assert(host.call(MONOTONIC, "now") as bigint >= start + 20_000_000n);
  assertEquals(host.call("io/poll", "[method]pollable.block", soon), undefined);
  assertEquals(
    host.call("io/poll", "poll", [host.call(MONOTONIC, "subscribe-instant", 0n), late, soon]),
    new Uint32Array([0, 2]),
  );
});

Deno.test("a poll of nothing, or of more than there may be, ends the guest", () => {
  const host = new Host();
  const pollable = host.call(MONOTONIC, "subscribe-instant", 0n);
  assertThrows(() => host.call("io/poll", "poll", []), Error, "from 1 to 2048");
  assertThrows(() => host.call("io/poll", "poll", new Array(2049).fill(pollable)), Error, "2049");
});

Deno.test("random bytes are as many as asked for, up to the limit", () => {
  const host = new Host();
  const take = (length: bigint) => host.call("random/random", "get-random-bytes", length) as Uint8Array;
  assertEquals(take(0n).length, 0);
  assertNotEquals(take(70_000n).subarray(65_536), new Uint8Array(70_000 - 65_536));
  assertEquals(take(BigInt(MAX_RANDOM)).length, MAX_RANDOM);
  for (const length of [BigInt(MAX_RANDOM) + 1n, 2n ** 64n - 1n]) {
    const { code } = assertThrows(() => take(length), GhostError);
    assertEquals(code, "PAYLOAD_TOO_LARGE");
  }
  assertEquals((host.call("random/insecure", "get-insecure-random-bytes", 9n) as Uint8Array).length, 9);
  const numbers = [
    host.call("random/random", "get-random-u64"),
    host.call("random/insecure", "get-insecure-random-u64"),
    ...host.call("random/insecure-seed", "insecure-seed") as bigint[],
  ];
  assertEquals(new Set(numbers).size, 4);
  for (const number of numbers) assert(typeof number === "bigint" && number >= 0n && number < 2n ** 64n);
});

Deno.test("arguments and variables are those of the options", () => {
  const host = new Host({ args: ["name", "é", ""], env: { A: "b=c", EMPTY: "" } });
  assertEquals(host.call("cli/environment", "get-arguments"), ["name", "é", ""]);
  assertEquals(host.call("cli/environment", "get-environment"), [["A", "b=c"], ["EMPTY", ""]]);
  assertEquals(host.call("cli/environment", "initial-cwd"), undefined);
  assertThrows(() => new Host({ args: ["a\0b"] }), TypeError, "zero byte");
  assertThrows(() => new Host({ env: { "A=B": "" } }), TypeError, "not a valid name");
});

Deno.test("exit ends the guest with its code, whatever it does then", () => {
  for (
    const [name, status, code] of [
      ["exit", { tag: "ok" }, 0],
      ["exit", { tag: "err" }, 1],
      ["exit-with-code", 33, 33],
    ] as const
  ) {
    const host = new Host();
    assertEquals(assertThrows(() => host.call("cli/exit", name, status), ExitStatus).code, code);
    const again = assertThrows(() => host.call("cli/environment", "get-arguments"), ExitStatus);
    assertEquals(again.code, code);
  }
});

Deno.test("a stream is a terminal if it is one at the caller", () => {
  const write = () => {};
  const host = new Host({
    stdin: new InputQueue([], true, true),
    stdout: { isTerminal: true, write },
    stderr: { write },
  });
  const terminal = (stream: string) => host.call(`cli/terminal-${stream}`, `get-terminal-${stream}`);
  assertEquals(typeof terminal("stdin"), "object");
  assertEquals(typeof terminal("stdout"), "object");
  assertEquals(terminal("stderr"), undefined);
});
