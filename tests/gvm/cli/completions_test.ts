import { assertEquals, assertMatch } from "@std/assert";
import { complete } from "../../../gmp/command/complete.ts";
import type { KnownNames } from "../../../gmp/command/program.ts";
import { GVM } from "../../../gvm/cli/commands.ts";
import { entryOf } from "../../tools/entries.ts";

const names: KnownNames = {
  nodes: () => Promise.resolve(["node-1", "other"]),
  modules: () => Promise.resolve(["math", "counter"]),
  lines: () => Promise.resolve(["math", "math.add(", "math@v0.0.1", "counter"]),
};
const refuse = () => Promise.reject(new Error("names are not asked for here"));
const noNames: KnownNames = { nodes: refuse, modules: refuse, lines: refuse };
const candidates = (words: string[], known: KnownNames) => complete(GVM, words, known);

Deno.test("the words of a line are completed, and names are asked for only where they fit", async () => {
  assertEquals(await candidates([""], noNames), ["run", "exec", "completions"]);
  assertEquals(await candidates(["e"], noNames), ["exec"]);
  assertEquals(await candidates(["--na"], noNames), ["--name="]);
  assertEquals(await candidates(["--keep"], noNames), ["--keep-going"]);
  assertEquals(await candidates(["run", "counter"], names), ["counter"]);
  assertEquals(await candidates(["run", "'math."], names), ["math.add("]);
  assertEquals(await candidates(["run", "math", "@"], names), ["@v0.0.1"]);
  assertEquals(await candidates(["run", "math", "@", "v0"], names), ["@v0.0.1"]);
  assertEquals(await candidates(["run", "math@v0"], names), ["math@v0.0.1"]);
  assertEquals(await candidates(["completions", ""], noNames), ["bash", "zsh", "fish"]);
  assertEquals(await candidates(["run", "x"], names), []);
  for (const option of [["--name", "run"], ["--name=run"], ["--name", "=", "run"]]) {
    assertEquals(await candidates([...option, "e"], noNames), ["exec"]);
    assertEquals(await candidates([...option, "run", "co"], names), ["counter"]);
  }
});

Deno.test("the shell completes files where files belong", async () => {
  for (const words of [["exec", ""], ["--home=./x"], ["--home", "=", "./x"], ["exec", "x", "--dir="]]) {
    assertEquals(await candidates(words, noNames), "files");
  }
  assertEquals(await candidates(["--name=x"], noNames), []);
});

Deno.test("who may connect is completed with the nodes, also as bash splits the word", async () => {
  assertEquals(await candidates(["--accept=n"], names), ["--accept=none", "--accept=node-1"]);
  assertEquals(await candidates(["--accept", "=", "no"], names), ["none", "node-1"]);
  assertEquals(await candidates(["--accept", "="], names), ["all", "ask", "none", "node-1", "other"]);
});

Deno.test("who may connect is completed with nodes of other devices, and with the devices", async () => {
  const nodes = ["node-1", "node-2@laptop", "node-3@laptop", "node-2@pi"];
  const known = { ...names, nodes: () => Promise.resolve(nodes) };
  assertEquals(await candidates(["--accept=@"], known), ["--accept=@laptop", "--accept=@pi"]);
  assertEquals(await candidates(["--accept=node-2@"], known), [
    "--accept=node-2@laptop",
    "--accept=node-2@pi",
  ]);
});

Deno.test("each shell gets its script, and bash takes its own", async () => {
  const gvm = (...args: string[]) =>
    new Deno.Command("deno", { args: ["run", "--quiet", "--no-prompt", "-P=gvm", entryOf("gvm"), ...args] })
      .output();
  for (const shell of ["bash", "zsh", "fish"]) {
    const { code, stdout } = await gvm("completions", shell);
    assertEquals(code, 0);
    assertMatch(new TextDecoder().decode(stdout), /gvm __complete/);
  }
  for (const shell of ["tcsh", "constructor", "toString", "__proto__"]) {
    const { code, stderr } = await gvm("completions", shell);
    assertEquals(code, 2);
    assertMatch(new TextDecoder().decode(stderr), /bash, zsh and fish only/);
  }
  const script = (await gvm("completions", "bash")).stdout;
  const bash = new Deno.Command("bash", { args: ["-n"], stdin: "piped" }).spawn();
  const writer = bash.stdin.getWriter();
  await writer.write(script);
  await writer.close();
  assertEquals((await bash.status).code, 0);
});
