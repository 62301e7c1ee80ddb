// The programs in docs/library.md are of this library.
import { assertEquals } from "@std/assert";
import { ROOT } from "./_daemon_with.ts";

Deno.test("library.md: its examples type-check", async () => {
  const { code, stderr } = await new Deno.Command("deno", {
    args: ["check", "--quiet", "--doc-only", "docs/library.md"],
    cwd: ROOT,
    env: { NO_COLOR: "1" },
  }).output();
  assertEquals({ code, text: new TextDecoder().decode(stderr) }, { code: 0, text: "" });
});
