import { assertEquals, assertThrows } from "@std/assert";
import { ERRNO } from "../../../../../gvm/wasi/host/errno.ts";
import { ExitStatus } from "../../../../../gvm/wasi/mod.ts";
import { Host } from "../../_host.ts";

Deno.test("an exit unwinds with its code, which is unsigned", () => {
  assertEquals(assertThrows(() => new Host().call("proc_exit", 0), ExitStatus).code, 0);
  assertEquals(assertThrows(() => new Host().call("proc_exit", -1), ExitStatus).code, 2 ** 32 - 1);
});

Deno.test("after an exit nothing works", () => {
  const host = new Host();
  assertThrows(() => host.call("proc_exit", 3), ExitStatus);
  for (const name of Object.keys(host.wasi.functions)) {
    assertEquals(assertThrows(() => host.call(name, 0, 0, 0, 0), ExitStatus).code, 3, name);
  }
});

Deno.test("a signal ends the guest unless it is one that is ignored", () => {
  assertEquals(assertThrows(() => new Host().call("proc_raise", 6), ExitStatus).code, 134);
  const host = new Host();
  for (const signal of [0, 16, 17, 22, 27]) host.ok("proc_raise", signal);
  assertEquals(host.call("proc_raise", 31), ERRNO.INVAL);
});

Deno.test("to yield is to go on", () => {
  new Host().ok("sched_yield");
});
