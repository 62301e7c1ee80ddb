import { assertEquals } from "@std/assert";
import { endedEarly, endOf } from "../../../gmp/device/early_end.ts";
import { GhostError } from "../../../gmp/errors.ts";

Deno.test("a process that ended early: no room, a signal, an error with a code; else it is a fault of ours", async () => {
  const status = (code: number, signal: Deno.Signal | null = null) => ({ success: false, code, signal });
  const cases: [unknown, string, string][] = [
    [
      new Error("error: Too many open files (os error 24)\n   0: <unknown>"),
      "RESOURCE_EXHAUSTED",
      "Cannot start GPMD: this process has as many files open as it may have",
    ],
    [endOf(status(137, "SIGKILL"), "x"), "RESOURCE_EXHAUSTED", "Cannot start GPMD: it was ended by SIGKILL"],
    [
      new Deno.errors.ConnectionRefused("Connection refused (os error 111)"),
      "CONNECTION_LOST",
      "Cannot start GPMD: nothing answers there",
    ],
    [new GhostError("CONNECTION_LOST", "gone"), "CONNECTION_LOST", "Cannot start GPMD: gone"],
    [endOf(status(1), "x is undefined"), "INTERNAL", "Cannot start GPMD: x is undefined"],
    [endOf(status(3), ""), "INTERNAL", "Cannot start GPMD: it ended with code 3"],
  ];
  for (const [error, code, message] of cases) {
    const ended = await endedEarly({ what: "GPMD", program: Deno.execPath(), error });
    assertEquals([ended.code, ended.message], [code, message]);
  }
});
