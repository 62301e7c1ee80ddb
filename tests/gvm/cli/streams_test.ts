// `gvm run` and `gvm exec --invoke` with functions that take and return streams and futures: fixtures/flows.wat of tests/gvm/component.
// The tests that need a daemon share it.
import { assertEquals, assertStringIncludes } from "@std/assert";
import { commandLine, PATIENCE, ROOT, within } from "../../tools/commands.ts";
import type { TestDaemon } from "../../tools/daemon_process.ts";
import { exec, temporary } from "./_exec.ts";
import { run, shell, start, startNetwork as startDaemon } from "./_run.ts";

const FLOWS = `${ROOT}tests/gvm/component/fixtures/flows.wasm`;

async function startNetwork(): Promise<TestDaemon> {
  const daemon = await startDaemon();
  await using gpmd = await daemon.connect();
  await gpmd.upload({ name: "flows", version: "v1.0.0", module: Deno.readFileSync(FLOWS) });
  return daemon;
}

Deno.test("gvm run with streams", async (t) => {
  await using daemon = await startNetwork();

  await t.step("a stream of bytes prints as it comes, and any other line by line", async () => {
    const shown = async (line: string, ...options: string[]) => {
      const { code, stdout, stderr } = await run(daemon, [...options, line]);
      assertEquals([code, stderr], [0, ""], line);
      return stdout;
    };
    assertEquals(await shown('flows.echo("Ж\\n🍰")'), "Ж\n🍰\n");
    assertEquals(await shown("flows.echo([72, 105])"), "Hi\n");
    assertEquals(await shown('flows.echo("Hi")', "--raw"), "Hi");
    assertEquals(await shown('flows.words(["a b", "c"])'), '"a b"\n"c"\n');
    assertEquals(await shown('flows.words(["a\\n", "b"])', "--raw"), "a\nb");
    assertEquals(await shown("flows.double(21)"), "42\n");
    assertEquals(await shown("flows.describe(3)"), '{name: "report", data: [1, 2, 3], size: 3}\n');
    assertEquals(JSON.parse(await shown("flows.describe(2)", "--json")).result, {
      name: "report",
      data: "AQI=",
      size: 2,
    });
    assertEquals(JSON.parse(await shown('flows.words(["a"])', "--json")), {
      result: ["a"],
      types: ["stream<string>"],
      output: "",
    });
  });

  await t.step(
    "a stream of bytes comes from standard input where it is left out, or from a file",
    async () => {
      using place = temporary();
      const file = `${place.path}/notes.txt`;
      await Deno.writeTextFile(file, "from a file\n");
      assertEquals((await run(daemon, [`flows.echo(@${file})`])).stdout, "from a file\n");
      assertEquals((await shell(daemon, `GVM_RUN 'flows.echo()' < ${file}`)).stdout, "from a file\n");
      assertEquals((await run(daemon, [`flows.echo() < ${file}`])).stdout, "from a file\n");
      assertEquals(
        JSON.parse((await run(daemon, ["--json", `flows.echo() < ${file}`])).stdout).result,
        btoa("from a file\n"),
      );
      const untaken = await run(daemon, [`flows.echo("") < ${file}`]);
      assertEquals(untaken.code, 1);
      assertStringIncludes(untaken.stderr, "^ nothing takes the file: no stream<u8> is left out");
      const many = await shell(daemon, "head -c 3000000 /dev/zero | GVM_RUN --raw 'flows.echo()' | wc -c");
      assertEquals(many.stdout.trim(), "3000000");
      const missing = await run(daemon, ["flows.words()"]);
      assertEquals(missing.code, 1);
      assertStringIncludes(missing.stderr, "text is missing: a stream<string>");
    },
  );

  await t.step("Ctrl-C ends a stream that has no end", async () => {
    await using child = start(daemon, "--raw", "flows.zeros()");
    const reader = child.stdout.getReader();
    await reader.read();
    child.kill("SIGINT");
    const end = async () => {
      while (!(await reader.read()).done);
      return [(await child.status).code, await new Response(child.stderr).text()];
    };
    assertEquals(await within(PATIENCE, "the end of gvm run", end()), [130, ""]);
    await child.stdin.close();
  });
});

Deno.test("gvm exec --invoke takes and prints streams in the same way", async () => {
  const invoke = (name: string, words: string[], stdin?: string) =>
    exec([FLOWS, `--invoke=${name}`, "--", ...words], stdin === undefined ? {} : { stdin });
  assertEquals(await invoke("echo", [], "from a pipe\n"), { code: 0, stdout: "from a pipe\n", stderr: "" });
  assertEquals((await invoke("words", ['["x", "y"]'])).stdout, '"x"\n"y"\n');
  assertEquals((await invoke("double", ["4"])).stdout, "8\n");
  const broken = await invoke("break", []);
  assertEquals([broken.code, broken.stdout], [1, "\u0001"]);
  assertStringIncludes(broken.stderr, "TRAP");
});

Deno.test("a reader of gvm exec --invoke that leaves early ends it without a word", async () => {
  const zeros = commandLine("gvm", ["exec", FLOWS, "--invoke=zeros"]).map((word) => `'${word}'`).join(" ");
  const { stdout, stderr } = await shell(
    { env: {} },
    `${zeros} | head -c 9 | wc -c; echo "\${PIPESTATUS[*]}"`,
  );
  assertEquals([stdout, stderr], ["9\n141 0 0\n", ""]);
});
