// The programs of examples/, each as a process of its own against a real daemon, with the permissions that its head names. All
// have the same daemon, and those that count words the same node to do it.
import { assertEquals, assertMatch } from "@std/assert";
import { GhostNode } from "../../gvm/mod.ts";
import { eventually } from "../tools/commands.ts";
import type { TestDaemon } from "../tools/daemon_process.ts";
import { daemonWith, ROOT } from "./_daemon_with.ts";

function start(daemon: TestDaemon, program: string, ...args: string[]): Deno.ChildProcess {
  return new Deno.Command("deno", {
    args: ["run", "--quiet", "--no-prompt", "-P=gvm", `examples/${program}`, ...args],
    cwd: ROOT,
    env: { ...daemon.env, NO_COLOR: "1" },
    stdin: "piped",
    stdout: "piped",
    stderr: "piped",
  }).spawn();
}

interface Outcome {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs a program to its end, with `input` in these pieces. */
async function run(child: Deno.ChildProcess, ...input: string[]): Promise<Outcome> {
  const output = child.output();
  const writer = child.stdin.getWriter();
  try {
    for (const piece of input) await writer.write(new TextEncoder().encode(piece));
    await writer.close();
  } catch {
    // It ended before it read all: the test looks at what it said.
  }
  const { code, stdout, stderr } = await output;
  return { code, stdout: new TextDecoder().decode(stdout), stderr: new TextDecoder().decode(stderr) };
}

Deno.test("the programs of examples/", async (t) => {
  await using daemon = await daemonWith("greet", "counter", "wordcount");
  await using gpmd = await daemon.connect();
  // What a node says as it leaves goes by a connection of its own, which GPMD may read late.
  const nobody = () =>
    eventually("the end of the nodes before", async () => (await gpmd.nodes()).length === 0);

  await t.step("map.ts: works alone, and says what went wrong", async () => {
    const alone = await run(start(daemon, "map.ts", "counter.half", "3", "-1.5"));
    assertEquals(alone.stdout, "3: 1.5\n-1.5: -0.75\n");
    assertMatch(alone.stderr, /^2 calls on node-\d{4}\n$/);
    const failed = await run(start(daemon, "map.ts", "nothing.here", "1"));
    assertMatch(failed.stderr, /^MODULE_NOT_FOUND: /);
    assertEquals(failed.code, 1);
  });

  await t.step(
    "visitors.ts: each peer has a counter of its own, which a reset or a new connection starts afresh",
    async () => {
      const { code, stdout, stderr } = await run(start(daemon, "visitors.ts"));
      assertEquals(stderr, "");
      assertEquals(
        stdout,
        "ada: 1\nada: 2\nbob: 1\nada: 3\nada after a reset: 1\nbob after he came back: 1\n",
      );
      assertEquals(code, 0);
    },
  );

  await t.step("watch.ts: tells of nodes that come and go until it is interrupted", async () => {
    await nobody();
    const child = start(daemon, "watch.ts");
    const errors = new Response(child.stderr).text();
    const reader = child.stdout.pipeThrough(new TextDecoderStream() as TransformStream<Uint8Array, string>)
      .getReader();
    let rest = "";
    const next = async (): Promise<string> => {
      while (!rest.includes("\n")) {
        const { value } = await reader.read();
        rest += value ?? `END: exit code ${(await child.status).code}, ${await errors}\n`;
      }
      const line = rest.slice(0, rest.indexOf("\n"));
      rest = rest.slice(line.length + 1);
      return line.replace(/^\S+Z /, "");
    };
    assertMatch(await next(), /^watching as node-\d{4}$/);
    const guest = await GhostNode.start({ ...daemon.settings, name: "guest" });
    const connected = new Promise((resolve) => guest.on("connect", resolve));
    assertEquals(await next(), "+ guest");
    await connected;
    await guest.close();
    assertEquals(await next(), "- guest left");
    child.kill("SIGINT");
    await child.stdin.close();
    let last = await next();
    // Who has left is registered until GPMD has read the goodbye, which comes by another connection.
    while (/^(\+ guest|- guest is not registered any more)$/.test(last)) last = await next();
    assertEquals(last, "END: exit code 0, ");
  });

  await t.step(
    "map.ts: shares the calls among all nodes and prints the results in the order of the list",
    async () => {
      await nobody();
      await using _one = await GhostNode.start({ ...daemon.settings, name: "one" });
      await using _two = await GhostNode.start({ ...daemon.settings, name: "two" });
      const { code, stdout, stderr } = await run(start(daemon, "map.ts", "greet.fib", "10", "92", "1", "50"));
      assertEquals(stdout, "10: 55\n92: 7540113804746346429\n1: 1\n50: 12586269025\n");
      assertMatch(stderr, /^4 calls on (one, two|two, one)\n$/);
      assertEquals(code, 0);
    },
  );

  await using there = await GhostNode.start({ ...daemon.settings, name: "there" });

  await t.step("word_count.ts: streams standard input to a module on another node", async () => {
    const line = "The cat in the hat, the Katze\n";
    const pieces = [...Array(2000).fill(line), "Don't", " st", "op"];
    const { code, stdout, stderr } = await run(start(daemon, "word_count.ts", "there", "3"), ...pieces);
    assertEquals(stderr, "");
    assertEquals(stdout, "2000 lines, 14002 words, 60010 bytes\n6000 the\n2000 cat\n2000 hat\n");
    assertEquals(code, 0);
  });

  await t.step(
    "word_count.ts: ends with the module's exit code, and with an error for a node that is not there",
    async () => {
      const refused = await run(start(daemon, "word_count.ts", "there", "many"));
      assertEquals(refused, { code: 2, stdout: "", stderr: 'wordcount: "many" is not a number\n' });
      const missing = await run(start(daemon, "word_count.ts", "nowhere"));
      assertMatch(missing.stderr, /^NODE_NOT_FOUND: /);
      assertEquals(missing.code, 1);
    },
  );

  await t.step(
    "word_count.ts: stops when it is interrupted, although its standard input goes on",
    async () => {
      const connected = new Promise((resolve) => there.on("connect", resolve));
      const child = start(daemon, "word_count.ts", "there");
      await connected;
      child.kill("SIGINT");
      const { code, stdout, stderr } = await child.output();
      assertEquals(new TextDecoder().decode(stdout), "");
      assertMatch(new TextDecoder().decode(stderr), /^CANCELLED: /);
      assertEquals(code, 1);
      await child.stdin.close().catch(() => {});
    },
  );
});
