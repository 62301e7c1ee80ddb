import { assertEquals, assertMatch } from "@std/assert";
import { startDaemon } from "./tools/daemon_process.ts";
import { ROOT } from "./tools/commands.ts";
import { readModule } from "./tools/network.ts";

Deno.test("deno task compile says in a sentence that the runtime cannot be downloaded", async () => {
  const directory = await Deno.makeTempDir({ prefix: "ghost-compile-" });
  try {
    // A proxy that nobody listens at, and a cache without the runtime: no network, whatever this device has.
    const proxy = "http://127.0.0.1:1";
    const env = { NO_COLOR: "1", DENO_DIR: directory, HTTPS_PROXY: proxy, HTTP_PROXY: proxy, NO_PROXY: "" };
    Deno.writeTextFileSync(`${directory}/main.ts`, "console.log(1);\n");
    const { code, stdout, stderr } = await new Deno.Command("deno", {
      args: [
        ...["run", "--quiet", "--allow-run=deno", `${ROOT}tests/tools/compile.ts`],
        ...["--no-config", "--output", `${directory}/program`, `${directory}/main.ts`],
      ],
      env,
    }).output();
    const decoder = new TextDecoder();
    assertEquals([code, decoder.decode(stdout)], [1, ""]);
    assertMatch(
      decoder.decode(stderr),
      /^Cannot compile: Deno's runtime for compiled programs is not on this device, and could not be downloaded from https:\S+\.zip; run this once with a network, or unpack that file and name the program in it with DENORT_BIN\n$/,
    );
  } finally {
    await Deno.remove(directory, { recursive: true });
  }
});

Deno.test("the task compiles by that program", async () => {
  const { tasks } = JSON.parse(await Deno.readTextFile(`${ROOT}deno.json`));
  for (const command of (tasks.compile as string).split(" && ")) {
    assertMatch(
      command,
      /^deno run --quiet --allow-run=deno tests\/tools\/compile\.ts --no-prompt --output dist\/g/,
    );
  }
});

/**
 * A program as `deno compile --allow-net=NET` makes it of `source`, without Deno's runtime for such programs, which is 40 MB to
 * fetch: Deno itself, which is told that it is a compiled program and that the file which starts it is its own.
 */
async function compiled(directory: string, net: string, source: string): Promise<string> {
  const program = `${directory}/program`;
  await Deno.writeTextFile(`${directory}/main.ts`, source);
  await Deno.writeTextFile(
    `${directory}/as_compiled.ts`,
    `Object.defineProperty(Deno, "build", { value: { ...Deno.build, standalone: true } });
     Object.defineProperty(Deno, "execPath", { value: () => ${JSON.stringify(program)} });`,
  );
  const permissions = `--allow-net${net} --allow-read --allow-env --allow-sys=uid --allow-run`;
  const options = `--quiet --no-prompt --preload=${directory}/as_compiled.ts --config=${ROOT}deno.json`;
  const line = `exec deno run ${options} ${permissions} ${directory}/main.ts "$@"`;
  await Deno.writeTextFile(program, `#!/bin/sh\n${line}\n`, { mode: 0o755 });
  return program;
}

Deno.test({
  name: "a compiled program with the library is its own executor, which runs nothing of its code",
  ignore: Deno.build.os === "windows",
  async fn() {
    await using daemon = await startDaemon();
    await using gpmd = await daemon.connect();
    await gpmd.upload({ name: "math", version: "v0.0.1", module: readModule("math") });
    const directory = await Deno.makeTempDir({ prefix: "ghost-compile-" });
    const source = `import { GhostNode } from "${ROOT}mod.ts";
      console.log("started");
      await using node = await GhostNode.start();
      console.log(await node.call("math.add", [1, 2]).catch((error) => error.message));`;
    const says = async (net: string) => {
      const program = await compiled(directory, net, source);
      const { stdout, stderr } = await new Deno.Command(program, { env: { ...daemon.env, NO_COLOR: "1" } })
        .output();
      const decoder = new TextDecoder();
      assertEquals(decoder.decode(stderr), "");
      return decoder.decode(stdout);
    };
    try {
      assertEquals(await says("=127.0.0.1,127.0.0.1:0"), "started\n3\n");
      // An executor would keep more than it may.
      for (const net of ["", "=127.0.0.1"]) {
        assertMatch(
          await says(net),
          /^started\nCannot start an executor: the program was not compiled with --allow-net=127.0.0.1,127.0.0.1:0, /,
        );
      }
    } finally {
      await Deno.remove(directory, { recursive: true });
    }
  },
});
