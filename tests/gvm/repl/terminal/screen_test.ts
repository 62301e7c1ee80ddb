import { assertEquals } from "@std/assert";

const hasScript = await new Deno.Command("script", { args: ["--version"] }).output().then(
  () => true,
  () => false,
);

Deno.test({
  name: "a terminal that does not tell its size has no bounds",
  ignore: !hasScript || Deno.build.os !== "linux",
  async fn() {
    const screen = new URL("../../../../gvm/repl/terminal/screen.ts", import.meta.url);
    const program =
      `const { size } = (await import("${screen}")).STANDARD_SCREEN; console.log(size.columns, size.rows)`;
    // Without a terminal of its own to learn it from, `script` makes one of no columns and rows.
    const { stdout } = await new Deno.Command("script", {
      args: ["-q", "-e", "-c", `stty size; deno eval '${program}'`, "/dev/null"],
      stdin: "null",
      env: { NO_COLOR: "1" },
    }).output();
    assertEquals(new TextDecoder().decode(stdout), "0 0\r\nInfinity Infinity\r\n");
  },
});
