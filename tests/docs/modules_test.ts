// docs/modules.md: what it says of the languages whose compilers are here, from the page's own text to a node,
// which all have, under names of their own.
import { assert, assertEquals, assertMatch } from "@std/assert";
import { join } from "@std/path";
import type { GpmdClient } from "../../gpmd/client/client.ts";
import { GhostNode } from "../../gvm/mod.ts";
import { startDaemon } from "../tools/daemon_process.ts";
import { readPage } from "./_tables.ts";

const page = await readPage("modules.md");

/** How it is found out whether a language can be compiled here; exit code 0 says that it can. */
const COMPILERS: Readonly<Record<string, string>> = {
  C: "d=$(mktemp -d); echo 'int main(void) { return 0; }' | clang --target=wasm32-wasi -xc -o $d/a -; c=$?; rm -r $d; exit $c",
  WAT: "wat2wasm --version",
  Rust: `test -e "$(rustc --print target-libdir --target wasm32-wasi)" && command -v rust-lld`,
  Zig: "test $(zig version) = 0.11.0",
  AssemblyScript: npmAnswers(),
};

/** Whether all packages that the page takes from npm can be installed: npm asks for them, once, and leaves it at that. */
function npmAnswers(): string {
  const packages = "assemblyscript @assemblyscript/wasi-shim componentize-qjs@0.4.5";
  return `d=$(mktemp -d); cd $d && npm install --silent --dry-run ${packages}; c=$?; rm -r $d; exit $c`;
}

async function shell(command: string, directory?: string): Promise<{ code: number; text: string }> {
  const { code, stdout, stderr } = await new Deno.Command("sh", {
    args: ["-c", command],
    env: {
      npm_config_prefer_offline: "true", // what was there when it was looked for is there for the test
      npm_config_audit: "false",
      ...(directory === undefined ? {} : { PATH: `${directory}/bin:${Deno.env.get("PATH")}` }),
    },
    ...(directory === undefined ? {} : { cwd: directory }),
  }).output();
  return { code, text: new TextDecoder().decode(stdout) + new TextDecoder().decode(stderr) };
}

/** The files and the command of a language's part of the page. */
function partOf(language: string): { files: [name: string, text: string][]; command: string } {
  const part = page.split("\n### ").find((one) => one.startsWith(`${language}\n`));
  assert(part !== undefined && part.includes("tested"), `modules.md has no tested part ${language}`);
  const files = part.matchAll(/`(\w+\.\w+)`:\n\n```[\w ]+\n(.*?)```/gs);
  const command = /\n```sh\n(.*?)```/s.exec(part)![1]!;
  return { files: Array.from(files, (found) => [found[1]!, found[2]!]), command };
}

/**
 * Puts a `node` into `directory` that compiles WebAssembly once: the compilers that are WebAssembly themselves run for a second,
 * and to have them optimized meanwhile takes longer than they save.
 */
async function addNode(directory: string): Promise<void> {
  const node = (await shell("command -v node")).text.trim();
  await Deno.mkdir(`${directory}/bin`);
  await Deno.writeTextFile(`${directory}/bin/node`, `#!/bin/sh\nexec "${node}" --liftoff-only "$@"\n`, {
    mode: 0o755,
  });
}

/** Builds the example in a language, and uploads it as `name`. */
async function build(gpmd: GpmdClient, name: string, parts: readonly string[]): Promise<void> {
  const directory = await Deno.makeTempDir({ prefix: "ghost-test-" });
  try {
    for (const part of parts) {
      for (const [file, text] of partOf(part).files) await Deno.writeTextFile(join(directory, file), text);
    }
    await addNode(directory);
    const { code, text } = await shell(partOf(parts.at(-1)!).command, directory);
    assertEquals(code, 0, text);
    const module = await Deno.readFile(join(directory, "hello.wasm"));
    await gpmd.upload({ name, version: "v0.0.1", module });
  } finally {
    await Deno.remove(directory, { recursive: true });
  }
}

async function addsAndPrints(node: GhostNode, name: string, prints: string): Promise<void> {
  for (const sum of [3, 4]) {
    let written = "";
    const output = (bytes: Uint8Array) => written += new TextDecoder().decode(bytes);
    assertEquals(await node.call(`${name}.add`, [1, sum - 1], { output }), sum);
    assertEquals(written, prints);
  }
}

const answers = new Map<string, Promise<boolean>>();

/** Whether a command exits with 0; it is run once. */
function succeeds(check: string): Promise<boolean> {
  const answer = answers.get(check) ?? shell(check).then(({ code }) => code === 0);
  answers.set(check, answer);
  return answer;
}

/** The languages of `all` that cannot be compiled here, which are said. */
async function missing(kind: string, all: Readonly<Record<string, string>>): Promise<Set<string>> {
  const found = new Set<string>();
  for (const [language, check] of Object.entries(all)) {
    if (await succeeds(check)) continue;
    console.log(`Not building modules.md's ${kind} in ${language}: its compiler is not here`);
    found.add(language);
  }
  return found;
}

/** Examples that are components: what they need, the parts of the page that have their files, and what `add` prints. */
const COMPONENTS = {
  C: {
    check: `${
      COMPILERS.C!.replace(/exit \$c$/, "test $c = 0")
    } && deno cache --quiet npm:@bytecodealliance/jco@1.35.0`,
    parts: ["A component in C"],
    prints: "Adding\n",
  },
  JavaScript: {
    check: npmAnswers(),
    parts: ["A component in C", "A component in JavaScript"],
    prints: "",
  },
};

const without = await missing("example", COMPILERS);
const withoutComponent = await missing(
  "component",
  Object.fromEntries(Object.entries(COMPONENTS).map(([language, { check }]) => [language, check])),
);

Deno.test("modules.md", async (t) => {
  await using daemon = await startDaemon();
  await using gpmd = await daemon.connect();
  await using node = await GhostNode.start(daemon.settings);

  for (const language of Object.keys(COMPILERS)) {
    await t.step({
      name: `modules.md: the example in ${language} is built, uploaded, run and called as it says`,
      ignore: without.has(language),
      async fn() {
        const name = `hello-${language.toLowerCase()}`;
        await build(gpmd, name, [language]);
        assertMatch(await node.run(name, ["Ada"]).text(), /^Hello, (Ada|world)!\n$/);
        await addsAndPrints(node, name, "Adding\n");
      },
    });
  }

  for (const [language, { parts, prints }] of Object.entries(COMPONENTS)) {
    await t.step({
      name: `modules.md: the component in ${language} is built, uploaded and called as it says`,
      ignore: withoutComponent.has(language),
      async fn() {
        const name = `hello-component-${language.toLowerCase()}`;
        await build(gpmd, name, parts);
        assertEquals(await node.call(`${name}.greet`, ["Ada"]), "Hello, Ada!");
        await addsAndPrints(node, name, prints);
      },
    });
  }
});
