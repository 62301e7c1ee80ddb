// docs/modules.md: what it says of the languages whose compilers are here, from the page's own text to a node.
import { assert, assertEquals, assertMatch } from "@std/assert";
import { join } from "@std/path";
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
  AssemblyScript:
    "d=$(mktemp -d); cd $d && npm install --silent assemblyscript @assemblyscript/wasi-shim; c=$?; rm -r $d; exit $c",
};

async function shell(command: string, directory?: string): Promise<{ code: number; text: string }> {
  const { code, stdout, stderr } = await new Deno.Command("sh", {
    args: ["-c", command],
    env: { npm_config_prefer_offline: "true" }, // what was there when it was looked for is there for the test
    ...(directory === undefined ? {} : { cwd: directory }),
  }).output();
  return { code, text: new TextDecoder().decode(stdout) + new TextDecoder().decode(stderr) };
}

/** The source and the command of a language's part of the page. */
function partOf(language: string): { file: string; source: string; command: string } {
  const part = page.split("\n### ").find((one) => one.startsWith(`${language}\n`));
  assert(part !== undefined && part.includes("tested"), `modules.md has no tested part ${language}`);
  const found = /`(hello\.\w+)`:\n\n```[\w ]+\n(.*?)```\n\n```sh\n(.*?)```/s.exec(part)!;
  return { file: found[1]!, source: found[2]!, command: found[3]! };
}

for (const [language, check] of Object.entries(COMPILERS)) {
  const canCompile = (await shell(check)).code === 0;
  if (!canCompile) console.log(`Not building modules.md's example in ${language}: its compiler is not here`);
  Deno.test({
    name: `modules.md: the example in ${language} is built, uploaded, run and called as it says`,
    ignore: !canCompile,
    async fn() {
      const directory = await Deno.makeTempDir({ prefix: "ghost-test-" });
      try {
        const { file, source, command } = partOf(language);
        await Deno.writeTextFile(join(directory, file), source);
        const { code, text } = await shell(command, directory);
        assertEquals(code, 0, text);
        await using daemon = await startDaemon();
        await using gpmd = await daemon.connect();
        const module = await Deno.readFile(join(directory, "hello.wasm"));
        await gpmd.upload({ name: "hello", version: "v0.0.1", module });
        await using node = await GhostNode.start(daemon.settings);
        assertMatch(await node.run("hello", ["Ada"]).text(), /^Hello, (Ada|world)!\n$/);
        for (const sum of [3, 4]) {
          let written = "";
          const output = (bytes: Uint8Array) => written += new TextDecoder().decode(bytes);
          assertEquals(await node.call("hello.add", [1, sum - 1], { output }), sum);
          assertEquals(written, "Adding\n");
        }
      } finally {
        await Deno.remove(directory, { recursive: true });
      }
    },
  });
}
