import { assertError, GPMD } from "../tools/gpmd_command.ts";
import { freePorts, variables } from "../tools/daemon_process.ts";
import { temporaryHome } from "./_modules.ts";

Deno.test("gpmd start says that there is no deno on the PATH", async () => {
  using place = temporaryHome();
  const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: [...GPMD, "start"],
    env: { ...variables({ home: place.home, ...freePorts() }), PATH: "/nonexistent", NO_COLOR: "1" },
  }).output();
  const decoder = new TextDecoder();
  // Deno itself says first that it finds nothing to allow.
  const own = decoder.decode(stderr).split("\n").filter((line) => !line.startsWith("Info")).join("\n");
  assertError({ code, stdout: decoder.decode(stdout), stderr: own }, "BAD_ARGUMENTS");
});
