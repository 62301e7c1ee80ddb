// Large programs that others compiled to WASI preview 1 and ship as plain .wasm files in npm packages.
import { assert, assertEquals, assertMatch } from "@std/assert";
import { Harness } from "../harness.ts";
import { fetchFile, type PackagedFile } from "../npm_file.ts";

/** LLVM 22: clang and its linker in one file of 75 MB. Apache-2.0 with LLVM exceptions, packaged under ISC. */
const CLANG = { package: "@yowasp/clang@22.0.0-git20542-10", path: "package/gen/llvm.core.wasm" };
/** Pandoc 3, in Haskell, 59 MB. GPL-2.0-or-later. */
const PANDOC = { package: "pandoc-wasm@1.1.0", path: "package/src/pandoc.wasm" };

const limits = { time: 60_000 };

/** Runs `test` with the file as a module called `program`; without the file it is skipped, with the reason in its name. */
async function withProgram(
  t: Deno.TestContext,
  file: PackagedFile,
  test: (harness: Harness) => Promise<void>,
): Promise<void> {
  const bytes = await fetchFile(file);
  if (typeof bytes === "string") {
    await t.step({ name: `skipped: ${bytes}`, ignore: true, fn: () => {} });
    return;
  }
  await using harness = new Harness({ limits });
  harness.modules.add("program", bytes);
  await test(harness);
}

Deno.test("a compiler compiles and links a program, which then runs in turn", (t) =>
  withProgram(t, CLANG, async (harness) => {
    const caller = await harness.caller();
    const source = "int answer(int x) { int sum = 0; for (int i = 1; i <= x; i++) sum += i; return sum; }";
    const bytes = new TextEncoder().encode(source);
    await caller.client.loadFiles("/", [{ path: "answer.c", type: "file", modifiedAt: 0n, bytes }]);
    const llvm = async (...argv: string[]) => {
      const run = caller.run("program", argv, { directories: ["/"] });
      let written = "";
      for await (const chunk of run) written += new TextDecoder().decode(chunk.bytes);
      assertEquals(await run.exitCode, 0, written);
    };
    await llvm("clang", "--target=wasm32", "-O1", "-c", "answer.c", "-o", "answer.o");
    await llvm("wasm-ld", "--no-entry", "--export=answer", "answer.o", "-o", "answer.wasm");
    const { written } = await caller.client.fileChanges("/");
    const linked = written.find(({ path }) => path === "answer.wasm");
    assert(linked?.type === "file");
    harness.modules.add("answer", linked.bytes.slice());
    assertEquals(await caller.call("answer.answer", [8]), 36);
  }));

Deno.test("a converter in Haskell reads standard input and writes standard output", (t) =>
  withProgram(t, PANDOC, async (harness) => {
    const caller = await harness.caller();
    await caller.client.loadFiles("/", []);
    const convert = (to: string, stdin: string) =>
      caller.run("program", ["--from", "markdown", "--to", to], { stdin, directories: ["/"] }).text();
    assertEquals(
      await convert("html", "# Hello\n\nA *plain* module, called `pandoc`.\n"),
      '<h1 id="hello">Hello</h1>\n<p>A <em>plain</em> module, called <code>pandoc</code>.</p>\n',
    );
    assertMatch(await convert("latex", "# Hello\n"), /^\\section\{Hello\}/);
    assertEquals(
      await caller.run("program", ["--from", "no-such-format"], { directories: ["/"] }).exitCode,
      21,
    );
  }));
