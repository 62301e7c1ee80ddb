import { assertEquals } from "@std/assert";
import { processExitCode } from "../../../gvm/cli/exit_code.ts";

Deno.test("an exit code keeps its lowest eight bits, and never becomes success", () => {
  const codes = [0, 1, 255, 256, 257, 512, 65_536, 0x7fff_ff00, 2 ** 32 - 2, 2 ** 32 - 1];
  assertEquals(codes.map(processExitCode), [0, 1, 255, 255, 1, 255, 255, 255, 254, 255]);
});
