import { assertEquals } from "@std/assert";
import { GhostError } from "../../../gmp/errors.ts";
import { complaint, exitCodeOf, processExitCode, UsageError } from "../../../gvm/cli/failure.ts";

Deno.test("a complaint is one sentence and where to find help, or the code and the sentence", () => {
  const usage = new UsageError("--name needs a value");
  assertEquals([complaint(usage), exitCodeOf(usage)], ["gvm: --name needs a value\nTry: gvm --help", 2]);
  const error = new GhostError("NODE_NOT_FOUND");
  assertEquals([complaint(error), exitCodeOf(error)], [
    "NODE_NOT_FOUND: No node of that name is registered",
    1,
  ]);
  assertEquals(exitCodeOf(new Error("oops")), 1);
});

Deno.test("an exit code keeps its lowest eight bits, and never becomes success", () => {
  const codes = [0, 1, 255, 256, 257, 512, 65_536, 0x7fff_ff00, 2 ** 32 - 2, 2 ** 32 - 1];
  assertEquals(codes.map(processExitCode), [0, 1, 255, 255, 1, 255, 255, 255, 254, 255]);
});
