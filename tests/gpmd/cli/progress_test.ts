import { assertEquals } from "@std/assert";
import { progressLine } from "../../../gpmd/cli/progress.ts";

Deno.test("a line of progress has the bar, the percentage, the rate and the time left", () => {
  const total = 40_000_000;
  assertEquals(progressLine("a.wasm", 0, total, 0), "a.wasm [--------------------] 0% 0 B/s ");
  assertEquals(
    progressLine("a.wasm", 10_000_000, total, 2),
    "a.wasm [#####---------------] 25% 5 MB/s 6 s left",
  );
  assertEquals(
    progressLine("a.wasm", total, total, 4),
    "a.wasm [####################] 100% 10 MB/s checking",
  );
});

Deno.test("a line of progress never wraps", () => {
  const line = progressLine("/very/long/".repeat(20), 1, 2, 1_000_000);
  assertEquals(line.length, 79);
  for (
    const [width, expected] of [
      [40, "日本語.wasm 50% 5 MB/s 4 s left"],
      [27, "語.wasm 50% 5 MB/s 4 s left"],
      [19, "日本語.wasm 50%"],
      [4, "50%"],
    ] as const
  ) assertEquals(progressLine("日本語.wasm", 20_000_000, 40_000_000, 4, width), expected);
});
