import { assertEquals, assertMatch } from "@std/assert";
import { ROOT } from "./tools/commands.ts";

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
