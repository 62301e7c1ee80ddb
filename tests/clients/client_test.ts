// docs/protocol.md is complete: a client that was written after it, in Python's standard library alone, does what a node
// does. It runs against a real daemon and a real node.
import { assert, assertEquals } from "@std/assert";
import { join } from "@std/path";
import { GhostNode } from "../../gvm/mod.ts";
import { daemonWith, ROOT } from "../docs/_daemon_with.ts";

const CLIENTS = join(ROOT, "tests/clients");
const CLIENT = join(CLIENTS, "ghost_client.py");

const canRunPython = await hasPython();
if (!canRunPython) {
  console.log("Not testing the client in Python: there is no python3 of version 3.8 or later");
}

async function hasPython(): Promise<boolean> {
  try {
    const args = ["-c", "import sys; sys.exit(sys.version_info < (3, 8))"];
    return (await new Deno.Command("python3", { args, stdout: "null", stderr: "null" }).output()).success;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false;
    throw error;
  }
}

Deno.test({
  name: "a client in Python registers, discovers, fetches a module, connects, calls and runs",
  ignore: !canRunPython,
  async fn() {
    await using daemon = await daemonWith("math", "greet", "greeter");
    {
      await using gpmd = await daemon.connect();
      const module = await Deno.readFile(join(ROOT, "tests/gvm/component/fixtures/flows.wasm"));
      await gpmd.upload({ name: "flows", version: "v0.0.1", module });
    }
    await using node = await GhostNode.start({ ...daemon.settings, name: "there" });
    const { promise: left, resolve } = Promise.withResolvers<unknown>();
    const connected: string[] = [];
    node.on("connect", ({ name }) => connected.push(name));
    node.on("disconnect", resolve);

    const { home, gmpPort } = daemon.settings;
    const { code, stdout, stderr } = await new Deno.Command("python3", {
      args: [CLIENT, home, String(gmpPort), "there"],
    }).output();

    assertEquals(new TextDecoder().decode(stderr), "");
    assertEquals(new TextDecoder().decode(stdout).split("\n"), [
      "registered, generation 2",
      "nodes: python there",
      "module math v0.0.1 516 hash fits",
      "connected to there",
      "math.add ['i32', 'i32'] ['i32']",
      "Adding Numbers From Wasm...",
      "sum: 68",
      "Hello, Ada! 500008",
      "{'name': 'Ada', 'age': 37, 'email': ('none', None), 'tags': ['x', 'yz'], 'balance': 25.0}",
      "Hi Ada 3000000",
      "[3, 50000, 0] 42",
      "Hello, Ada!",
      "Hello, Bob!",
      "Hello, Cai!",
      "exit code 0",
      "refused: FUNCTION_NOT_FOUND",
      "",
    ]);
    assertEquals(code, 0);
    assertEquals(connected, ["python"]);
    assertEquals(await left, { name: "python", error: undefined });
  },
});

Deno.test("the client in Python is short and imports the standard library only", async () => {
  const linesOf = async (name: string) =>
    (await Deno.readTextFile(join(CLIENTS, name))).trimEnd().split("\n");
  const client = await linesOf("ghost_client.py");
  const values = await linesOf("ghost_values.py");
  const streams = await linesOf("ghost_streams.py");
  // With functions of core modules alone it had 199 lines.
  const lengths = [client, values, streams].map(({ length }) => length);
  assert(lengths.every((length, i) => length < [225, 140, 110][i]!), `it has ${lengths}`);
  const standard = "base64, contextlib, hashlib, hmac, os, socket, struct, sys, threading, uuid";
  const imports = (lines: string[]) => lines.filter((line) => /^\s*(import|from) /.test(line));
  const own = ["from ghost_streams import CallStreams", "from ghost_values import arguments, results"];
  assertEquals(imports(client), [`import ${standard}`, ...own]);
  assertEquals([...imports(values), ...imports(streams)], ["import struct", "import struct"]);
});
