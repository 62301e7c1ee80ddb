// The packages of the link are fetched with the user's environment, and a failure says why.
import { assertEquals, assertMatch, assertRejects } from "@std/assert";
import { GhostError } from "../../../gmp/errors.ts";
import { fetchPackages } from "../../../gpmd/start/fetch_packages.ts";
import { ROOT } from "../../tools/commands.ts";
import { linkSource } from "../../../gpmd/link/link_command.ts";

/** A proxy that lets nothing through, and remembers what it was asked for. */
function startProxy(): { url: string; asked: string[] } & AsyncDisposable {
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const asked: string[] = [];
  const serving = (async () => {
    for await (using connection of listener) {
      try {
        const buffer = new Uint8Array(4096);
        const count = await connection.read(buffer) ?? 0;
        asked.push(new TextDecoder().decode(buffer.subarray(0, count)).split("\r\n")[0]!);
        const answer = "HTTP/1.1 403 Forbidden\r\ncontent-length: 0\r\n\r\n";
        await connection.write(new TextEncoder().encode(answer));
      } catch {
        // It has given up meanwhile.
      }
    }
  })();
  return {
    url: `http://127.0.0.1:${listener.addr.port}`,
    asked,
    [Symbol.asyncDispose]: async () => {
      listener.close();
      await serving;
    },
  };
}

/** Runs `test` with these variables in this process's environment. */
async function withVariables(variables: Record<string, string>, test: () => Promise<void>): Promise<void> {
  const before = Object.keys(variables).map((name) => [name, Deno.env.get(name)] as const);
  for (const [name, value] of Object.entries(variables)) Deno.env.set(name, value);
  try {
    await test();
  } finally {
    for (const [name, value] of before) {
      value === undefined ? Deno.env.delete(name) : Deno.env.set(name, value);
    }
  }
}

Deno.test("packages are fetched through the user's proxy, and what it says is said", async () => {
  await using proxy = startProxy();
  const directory = await Deno.makeTempDir();
  const variables = { DENO_DIR: directory, HTTPS_PROXY: proxy.url, https_proxy: proxy.url, NO_PROXY: "" };
  try {
    await withVariables(variables, async () => {
      const error = await assertRejects(() => fetchPackages(linkSource(), undefined), GhostError);
      assertEquals(error.code, "CONNECTION_LOST");
      assertMatch(error.message, /^Cannot fetch the packages of the link: .+/);
      for (const unwanted of ["\n", "\u001b", "Stack"]) {
        assertEquals(error.message.includes(unwanted), false, error.message);
      }
    });
    // Those who have given up meanwhile asked for nothing.
    const asked = proxy.asked.filter((line) => line !== "");
    assertEquals(asked.length > 0, true);
    for (const line of asked) {
      assertMatch(line, /^CONNECT (registry\.npmjs\.org|jsr\.io|npm\.jsr\.io):443 /);
    }
  } finally {
    await Deno.remove(directory, { recursive: true });
  }
});

Deno.test("where all packages are there, nothing is fetched", async () => {
  const counts: number[] = [];
  await fetchPackages(linkSource(), (count) => counts.push(count));
  assertEquals(counts, []);
});

Deno.test("a variable that may not be passed on does not stand in the way", async () => {
  const [packages, command] = ["gpmd/start/fetch_packages.ts", "gpmd/link/link_command.ts"]
    .map((path) => new URL(`../../../${path}`, import.meta.url).href);
  const program = `
    import { fetchPackages } from "${packages}";
    import { linkSource } from "${command}";
    await fetchPackages(linkSource(), undefined);
    console.log("fetched");`;
  const child = new Deno.Command(Deno.execPath(), {
    args: [
      "run",
      "--quiet",
      "--no-check",
      "--allow-run=deno",
      "--allow-read",
      "--allow-env",
      "--ext=ts",
      "-",
    ],
    cwd: ROOT,
    env: { LD_LIBRARY_PATH: "/nowhere" },
    stdin: "piped",
    stdout: "piped",
    stderr: "piped",
  }).spawn();
  const input = child.stdin.getWriter();
  await input.write(new TextEncoder().encode(program));
  await input.close();
  const { stdout, stderr } = await child.output();
  const said = [stdout, stderr].map((bytes) => new TextDecoder().decode(bytes));
  assertEquals(said, ["fetched\n", ""]);
});

Deno.test("a lock file that packages do not fit is an error that says so", async () => {
  const directory = await Deno.makeTempDir();
  const lock = `${directory}/deno.lock`;
  await Deno.writeTextFile(lock, `{"version":"5","specifiers":{},"npm":{}}`);
  try {
    const { entry } = linkSource();
    const given = { entry, lock: [`--lock=${lock}`, "--frozen"] };
    const error = await assertRejects(() => fetchPackages(given, undefined), GhostError);
    assertMatch(error.message, /lockfile is out of date/i);
  } finally {
    await Deno.remove(directory, { recursive: true });
  }
});
