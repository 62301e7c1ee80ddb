import { assert, assertEquals } from "@std/assert";
import { startDaemon } from "../../tools/daemon_process.ts";
import { GPMD, gpmd } from "../../tools/gpmd_command.ts";
import { ADD_MODULE } from "../_modules.ts";
import { connectNode } from "../_node.ts";

const hasScript = await new Deno.Command("script", { args: ["--version"] }).output().then(
  () => true,
  () => false,
);

/** What `gpmd` writes to a terminal of `columns` columns. */
async function onTerminal(
  env: Readonly<Record<string, string>>,
  columns: number,
  ...args: string[]
): Promise<string[]> {
  const command = ["deno", ...GPMD, ...args].map((arg) => `'${arg}'`).join(" ");
  const { stdout } = await new Deno.Command("script", {
    args: ["-qec", `stty cols ${columns}; ${command}`, "/dev/null"],
    env: { ...env, NO_COLOR: "1", TERM: "xterm" },
    stdin: "null",
  }).output();
  return new TextDecoder().decode(stdout).replaceAll("\r", "").trimEnd().split("\n");
}

Deno.test({
  name: "tables and errors fit the terminal: broken at words, or as lists; in a pipe a row is a line",
  ignore: !hasScript || Deno.build.os !== "linux",
  async fn() {
    await using daemon = await startDaemon();
    await using client = await daemon.connect();
    const versions = Array.from({ length: 40 }, (_, i) => `v0.0.${i + 1}`);
    for (const version of versions) await client.upload({ name: "math", version, module: ADD_MODULE });
    const row = `math  v0.0.40  ${versions.join(", ")}`;
    assertEquals((await gpmd(daemon.env, "wasm", "list")).stdout, `NAME  LATEST   VERSIONS\n${row}\n`);
    const [titles, ...lines] = await onTerminal(daemon.env, 60, "wasm", "list");
    assertEquals(titles, "NAME  LATEST   VERSIONS");
    assert(lines.length > 5 && lines.every(({ length }) => length < 60), lines.join("\n"));
    assertEquals(lines.map((line, i) => i === 0 ? line : line.trim()).join(" "), row);
    assert(lines.slice(1).every((line) => /^ {15}v/.test(line)), lines.join("\n"));
    const wide = await onTerminal(daemon.env, 400, "wasm", "list");
    assertEquals(wide, ["NAME  LATEST   VERSIONS", row]);
    const narrow = await onTerminal(daemon.env, 20, "wasm", "list");
    assertEquals(narrow.slice(0, 2), ["NAME      math", "LATEST    v0.0.40"]);
    assert(narrow.every(({ length }) => length < 20), narrow.join("\n"));
    await using node = await connectNode(daemon);
    await node.register("node-1");
    const list = await onTerminal(daemon.env, 60, "nodes");
    assertEquals(list.map((line) => line.split(" ")[0]), ["NAME", "ID", "PORT", "SINCE", "CONNECTIONS"]);
    assert(list.every(({ length }) => length < 60), list.join("\n"));
    const error = await onTerminal(daemon.env, 40, "wasm", "info", "maths");
    assert(error.length > 1 && error.every(({ length }) => length < 40), error.join("\n"));
  },
});
