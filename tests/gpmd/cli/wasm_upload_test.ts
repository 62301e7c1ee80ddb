import { assert, assertEquals, assertMatch } from "@std/assert";
import { startDaemon } from "../../tools/daemon_process.ts";
import { assertError, GPMD, gpmd } from "../../tools/gpmd_command.ts";
import { ADD_MODULE, moduleOf, sha256 } from "../_modules.ts";

const MATH = new URL("../../../examples/math/math.wasm", import.meta.url).pathname;

const script = await new Deno.Command("script", { args: ["--version"] }).output().then(
  () => true,
  () => false,
);

Deno.test("gpmd wasm upload", async (t) => {
  await using daemon = await startDaemon();

  await t.step("what cannot be uploaded is refused with its code, and nothing is stored", async () => {
    const directory = await Deno.makeTempDir();
    const file = (name: string, content: Uint8Array | string) => {
      const path = `${directory}/${name}`;
      Deno.writeFileSync(path, typeof content === "string" ? new TextEncoder().encode(content) : content);
      return path;
    };
    const upload = (path: string, name = "x") =>
      gpmd(daemon.env, "wasm", "upload", `--name=${name}`, "--version=v1.0.0", `--file=${path}`);
    try {
      const text = await upload(file("text.wasm", "#!/bin/sh\n"));
      assertError(text, "NOT_A_MODULE");
      assert(text.stderr.includes("text file"));
      assertError(await upload(file("cut.wasm", ADD_MODULE.slice(0, 30))), "NOT_A_MODULE");
      assertError(await upload(file("empty.wasm", "")), "NOT_A_MODULE");
      assertError(await upload(`${directory}/none.wasm`), "BAD_ARGUMENTS");
      assertError(await upload(directory), "BAD_ARGUMENTS");
      assertError(await upload("/dev/zero"), "BAD_ARGUMENTS");
      assertError(await upload(MATH, "../../x"), "INVALID_NAME");
      assertEquals((await gpmd(daemon.env, "wasm", "list", "--json")).stdout, "[]\n");
      assertEquals((await upload(MATH)).code, 0);
      assertError(await upload(file("other.wasm", ADD_MODULE)), "VERSION_EXISTS");
      assertError(await gpmd(daemon.env, "wasm", "info", "xx"), "MODULE_NOT_FOUND");
      assertError(await gpmd(daemon.env, "wasm", "remove", "x@v2.0.0"), "VERSION_NOT_FOUND");
    } finally {
      await Deno.remove(directory, { recursive: true });
    }
  });

  await t.step("wasm upload prints the line of the contract, then name, version, hash and size", async () => {
    const args = ["wasm", "upload", "--name=math", "--version=v0.0.1", `--file=${MATH}`];
    const bytes = await Deno.readFile(MATH);
    const stdout = `Module Uploaded Successfully!
Name     math
Version  v0.0.1
Hash     ${await sha256(bytes)}
Size     ${bytes.length} bytes
`;
    assertEquals(await gpmd(daemon.env, ...args), { code: 0, stdout, stderr: "" });
    const again = await gpmd(daemon.env, ...args);
    const [first, ...fields] = stdout.split("\n");
    assertEquals(first, "Module Uploaded Successfully!");
    const said = "math@v0.0.1 has these very bytes already: nothing has changed.";
    assertEquals(again, { code: 0, stdout: [said, ...fields].join("\n"), stderr: "" });
    const { stdout: info } = await gpmd(daemon.env, "wasm", "info", "math");
    assert(
      info.includes("\nMemory    1 page of 64 KiB\nExports\n  _start()\n  add(i32, i32) -> i32\n"),
      info,
    );
    assert(info.endsWith("\nImports\n  wasi_snapshot_preview1.fd_write(i32, i32, i32, i32) -> i32\n"), info);
    const removed = await gpmd(daemon.env, "wasm", "remove", "math@v0.0.1");
    assertEquals(removed, { code: 0, stdout: "Removed math@v0.0.1\n", stderr: "" });
  });

  await t.step("wasm upload takes several files, whose names say what they are", async () => {
    const directory = await Deno.makeTempDir();
    const files = ["math-v0.0.1.wasm", "my-lib-1.2.3-beta.1.wasm"].map((file) => `${directory}/${file}`);
    for (const [i, file] of files.entries()) await Deno.writeFile(file, moduleOf(100, i));
    const { code, stdout } = await gpmd(daemon.env, "wasm", "upload", "--json", ...files);
    await Deno.remove(directory, { recursive: true });
    assertEquals(code, 0);
    const uploaded = JSON.parse(stdout) as { name: string; version: string; unchanged: boolean }[];
    assertEquals(uploaded.map(({ name, version, unchanged }) => [name, version, unchanged]), [
      ["math", "v0.0.1", false],
      ["my-lib", "v1.2.3-beta.1", false],
    ]);
  });

  await t.step({
    name: "on a terminal there are colours and a progress bar, with NO_COLOR no colours",
    ignore: !script || Deno.build.os !== "linux",
    async fn() {
      const path = await Deno.makeTempFile({ suffix: ".wasm" });
      await Deno.writeFile(path, moduleOf(40_000_000));
      const onTerminal = async (env: Record<string, string>, ...args: string[]) => {
        const command = ["deno", ...GPMD, ...args].map((arg) => `'${arg}'`).join(" ");
        const { stdout } = await new Deno.Command("script", {
          args: ["-qec", command, "/dev/null"],
          env: { ...daemon.env, NO_COLOR: "", TERM: "xterm", ...env },
          stdin: "null",
        }).output();
        return new TextDecoder().decode(stdout);
      };
      const upload = await onTerminal(
        {},
        "wasm",
        "upload",
        "--name=large",
        "--version=v1.0.0",
        `--file=${path}`,
      );
      await Deno.remove(path);
      assert(upload.includes("\r\x1b[KModule Uploaded Successfully!"), upload);
      assertMatch(upload, /\S+ \[[#-]{20}\] \d+% [\d.]+ [kMG]?B\/s/);
      assert((await onTerminal({}, "wasm", "list")).includes("\x1b[1mNAME"));
      assert(!(await onTerminal({ NO_COLOR: "1" }, "wasm", "list")).includes("\x1b["));
    },
  });
});
