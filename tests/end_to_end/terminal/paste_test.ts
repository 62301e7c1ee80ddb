/** What is pasted is drawn once: the time and the terminal's work grow with its length, and no faster. */
import { assert } from "@std/assert";
import { commandLine } from "../../tools/commands.ts";
import type { TestDaemon } from "../../tools/daemon_process.ts";
import { Terminal } from "../../tools/terminal.ts";
import { startNetwork, terminalTest } from "./_prompt.ts";

/** Pastes `text` and Enter at a prompt, and waits for what the screen shows then: the bytes that the terminal was sent. */
async function written(daemon: TestDaemon, name: string, text: string, shown: RegExp): Promise<number> {
  const log = await Deno.makeTempFile({ prefix: "ghost-paste-" });
  try {
    const command = commandLine("gvm", ["--name", name]).map((word) => `'${word}'`).join(" ");
    const env = { ...daemon.env, NO_COLOR: undefined };
    await using terminal = await Terminal.start(["script", "-q", "-f", "-c", command, log], { env });
    await terminal.until(`(${name}) >`);
    const before = (await Deno.stat(log)).size;
    await terminal.paste(text);
    await terminal.press("Enter");
    await terminal.until(shown);
    return (await Deno.stat(log)).size - before;
  } finally {
    await Deno.remove(log);
  }
}

terminalTest("what is pasted costs what it is long", async (t) => {
  await using daemon = await startNetwork();

  for (const [name, size] of [["node-0001", 20_000], ["node-0002", 60_000]] as const) {
    await t.step(`a line of ${size / 1000} kB`, async () => {
      const line = `math.sub(9,2) // ${"x".repeat(size)}`;
      const bytes = await written(daemon, name, line, new RegExp(`\\n7\\n\\(${name}\\) >$`));
      // Once while it is typed, as far as there is room on the screen, and once when it is entered.
      assert(bytes < size + 80 * 50 + 2000, `${bytes} bytes`);
    });
  }

  for (const [name, size] of [["node-0003", 20_000], ["node-0004", 70_000]] as const) {
    await t.step(`${size / 1000} kB in many lines`, async () => {
      const line = `math.sub(3,1) // ${"x".repeat(60)}\n`;
      const text = `${line.repeat(Math.ceil(size / line.length))}math.sub(9,2)`;
      const bytes = await written(daemon, name, text, new RegExp(`\\n7\\n\\(${name}\\) >$`));
      assert(bytes < 3 * size, `${bytes} bytes`);
    });
  }

  await t.step(
    "a line that is longer than any command is an error, and the next one is understood",
    async () => {
      await written(
        daemon,
        "node-0005",
        `${"x".repeat(70_000)}\nmath.sub(9,2)`,
        /longer than 65536 characters[^]*\n7\n\(node-0005\) >$/,
      );
    },
  );
});
