import { assertEquals, assertMatch } from "@std/assert";
import { formatLine } from "../../../gpmd/events/log_line.ts";
import { startDaemon } from "../../tools/daemon_process.ts";
import { GPMD, gpmd } from "../../tools/gpmd_command.ts";
import { connectNode } from "../_node.ts";

Deno.test("logs shows the log, as lines or as JSON; without one it says that GPMD never ran", async () => {
  const { code, stderr } = await gpmd({ GHOST_HOME: "/nowhere" }, "logs");
  assertEquals([code, stderr.split(":")[0]], [1, "GPMD_NOT_RUNNING"]);
  assertEquals((await gpmd({ GHOST_HOME: "/nowhere" }, "logs", "-f")).code, 1);
  await using daemon = await startDaemon();
  const lines = (await gpmd(daemon.env, "logs")).stdout.trim().split("\n");
  assertEquals([lines.length, lines[0]!.split(" ")[2]], [1, "daemon.started"]);
  const json = JSON.parse((await gpmd(daemon.env, "logs", "--json")).stdout);
  assertEquals([json.event, json.pid], ["daemon.started", daemon.pid]);
});

Deno.test("logs -n shows the last lines, also of a long log, and goes on from there with -f", async () => {
  const home = await Deno.makeTempDir({ prefix: "ghost-logs-" });
  const env = { GHOST_HOME: home };
  try {
    const lines = Array.from({ length: 5000 }, (_, i) => `line ${i}`);
    await Deno.writeTextFile(`${home}/gpmd.log`, `${lines.join("\n")}\n`, { mode: 0o600 });
    const shown = async (...args: string[]) => (await gpmd(env, "logs", ...args)).stdout;
    assertEquals(await shown("-n", "2"), "line 4998\nline 4999\n");
    assertEquals(await shown("-n2"), "line 4998\nline 4999\n");
    assertEquals(await shown("--lines=0"), "");
    assertEquals(await shown("--lines=4000"), `${lines.slice(1000).join("\n")}\n`);
    assertEquals(await shown("--lines=9999"), `${lines.join("\n")}\n`);
    const wrong = await gpmd(env, "logs", "-n", "x");
    assertEquals([wrong.code, wrong.stderr.split("\n")[0]], [
      2,
      "gpmd: --lines takes a number from 0 to 1000000, not x",
    ]);
    const child = new Deno.Command("deno", {
      args: [...GPMD, "logs", "-f", "-n1"],
      env,
      stdout: "piped",
      stderr: "inherit",
    }).spawn();
    let text = "";
    for await (const chunk of child.stdout) {
      text += new TextDecoder().decode(chunk);
      if (text === "line 4999\n") await Deno.writeTextFile(`${home}/gpmd.log`, "next\n", { append: true });
      if (text.endsWith("next\n")) child.kill();
    }
    await child.status;
    assertEquals(text, "line 4999\nnext\n");
  } finally {
    await Deno.remove(home, { recursive: true });
  }
});

Deno.test("logs shows nothing of a store that others may use, nor what a link leads to", async () => {
  const home = await Deno.makeTempDir({ prefix: "ghost-logs-" });
  try {
    await Deno.writeTextFile(`${home}/other`, "not a log\n", { mode: 0o600 });
    await Deno.symlink("other", `${home}/gpmd.log`);
    const linked = await gpmd({ GHOST_HOME: home }, "logs");
    assertEquals([linked.code, linked.stdout], [1, ""]);
    assertMatch(linked.stderr, /^STORE_FAULT: Cannot use ".*gpmd.log": it is a symbolic link\n$/);
    await Deno.rename(`${home}/other`, `${home}/gpmd.log`);
    assertEquals((await gpmd({ GHOST_HOME: home }, "logs")).stdout, "not a log\n");
    await Deno.chmod(home, 0o755);
    const open = await gpmd({ GHOST_HOME: home }, "logs");
    assertEquals([open.code, open.stdout], [1, ""]);
    assertMatch(
      open.stderr,
      /^STORE_FAULT: .* its mode 0755 lets other users in; close it with: chmod 700 ".*"\n$/,
    );
  } finally {
    await Deno.remove(home, { recursive: true });
  }
});

Deno.test("logs -f goes on with what happens, also when a new log is begun", async () => {
  await using daemon = await startDaemon();
  const child = new Deno.Command("deno", {
    args: [...GPMD, "logs", "-f", "--json"],
    env: daemon.env,
    stdout: "piped",
    stderr: "inherit",
  }).spawn();
  const names: string[] = [];
  let text = "";
  await using node = await connectNode(daemon);
  await using other = await connectNode(daemon);
  for await (const chunk of child.stdout) {
    text += new TextDecoder().decode(chunk);
    const lines = text.split("\n");
    text = lines.pop()!;
    for (const line of lines) {
      const { event, name } = JSON.parse(line);
      names.push(name ?? event);
      if (event === "daemon.started") await node.register("node-1");
      if (name === "node-1") {
        const { home } = daemon.settings;
        await other.register("node-2");
        await Deno.rename(`${home}/gpmd.log`, `${home}/gpmd.log.1`);
        const line = formatLine(new Date(), "info", "node.registered", { name: "node-3" });
        await Deno.writeTextFile(`${home}/gpmd.log`, `${line}\n`);
      }
      if (name === "node-3") child.kill();
    }
  }
  await child.status;
  assertEquals(names, ["daemon.started", "node-1", "node-2", "node-3"]);
});
