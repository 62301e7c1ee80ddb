import { assertEquals, assertThrows } from "@std/assert";
import { readDuration, readSize, writeDuration, writeSize } from "../../../gmp/command/quantities.ts";
import { UsageError } from "../../../gmp/command/usage_error.ts";

const range = { option: "limit", greatest: 2 ** 40 };

Deno.test("a time is written as people write it", () => {
  const rows: [text: string, time: number][] = [
    ["5", 5],
    ["5s", 5000],
    ["500ms", 500],
    ["1m", 60_000],
    ["1m30s", 90_000],
    ["2h", 7_200_000],
    ["1d12h", 129_600_000],
    ["1.5s", 1500],
    ["0.5h", 1_800_000],
    ["1s500ms", 1500],
    ["0.0014s", 1],
  ];
  for (const [text, time] of rows) assertEquals(readDuration(text, range), time, text);
  for (
    const text of [
      "",
      "s",
      "5 s",
      "5S",
      "5x",
      "1s1m",
      "5s5",
      "-5s",
      "1e3s",
      "5s5s",
      ".5s",
      "5.s",
      "1.5",
      "1.5ms",
    ]
  ) {
    assertThrows(
      () => readDuration(text, range),
      UsageError,
      "--limit takes a time such as 5s, 500ms or 1m30s",
      text,
    );
  }
  assertThrows(() => readDuration("0s", range), UsageError, "--limit takes 1ms or more, not 0s");
  assertThrows(
    () => readDuration("2h", { option: "limit", greatest: 5000 }),
    UsageError,
    "at most 5s, not 2h",
  );
});

Deno.test("a size is written as people write it", () => {
  const rows: [text: string, size: number][] = [
    ["64", 64],
    ["64K", 65_536],
    ["64k", 65_536],
    ["64M", 2 ** 26],
    ["64MB", 2 ** 26],
    ["64MiB", 2 ** 26],
    ["1.5G", 1.5 * 2 ** 30],
    ["7B", 7],
  ];
  for (const [text, size] of rows) assertEquals(readSize(text, range), size, text);
  for (const text of ["", "M", "64 M", "64T", "-64M", "1e3", "1.5", "0x10", "64MM", "64iB2"]) {
    assertThrows(
      () => readSize(text, range),
      UsageError,
      "--limit takes a number of bytes, such as 64M",
      text,
    );
  }
  assertThrows(
    () => readSize("1K", { ...range, least: 65_536 }),
    UsageError,
    "--limit takes 64K or more, not 1K",
  );
  assertThrows(() => readSize("17G", { ...range, greatest: 2 ** 34 }), UsageError, "at most 16G, not 17G");
});

Deno.test("what is shown is read as the same", () => {
  assertEquals([5000, 90_000, 1500, 7, 86_400_000].map(writeDuration), [
    "5s",
    "1m30s",
    "1s500ms",
    "7ms",
    "1d",
  ]);
  assertEquals([65_536, 2 ** 26, 1536, 1000, 2 ** 34].map(writeSize), ["64K", "64M", "1536", "1000", "16G"]);
  for (let i = 0; i < 2000; i++) {
    const value = 1 + Math.floor(2 ** (Math.random() * 40));
    assertEquals(readDuration(writeDuration(value), { option: "limit", greatest: 2 ** 41 }), value);
    assertEquals(readSize(writeSize(value), { option: "limit", greatest: 2 ** 41 }), value);
  }
});
