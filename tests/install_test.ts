// `deno task install` puts the commands on the PATH, with the permissions that deno.json and the README name.
import { assert, assertEquals, assertRejects } from "@std/assert";
import { fromFileUrl, join } from "@std/path";
import config from "../deno.json" with { type: "json" };
import { request } from "../gmp/channel/messages.ts";
import { serviceCommand } from "../gpmd/cli/service.ts";
import { LinkHost } from "../gpmd/link/engine/link_host.ts";
import { VERSION } from "../gmp/version.ts";
import { rowsOf } from "./docs/_tables.ts";
import { temporaryHome } from "./gpmd/_modules.ts";
import { type Outcome, ROOT } from "./tools/commands.ts";
import { freePorts, variables } from "./tools/daemon_process.ts";

type PermissionSet = Readonly<Record<string, true | readonly string[]>>;
const { gpmd, gvm } = config.permissions as unknown as Readonly<Record<"gpmd" | "gvm", PermissionSet>>;

/** What a named permission set is as flags, in the order of their names. */
function asFlags(set: PermissionSet): string[] {
  return Object.entries(set).map(([name, value]) =>
    value === true ? `--allow-${name}` : `--allow-${name}=${value.join(",")}`
  ).sort();
}

function permissionFlags(words: readonly string[]): string[] {
  return words.filter((word) => word.startsWith("--allow-")).sort();
}

Deno.test("the README's table, the task and the service have the permission sets of deno.json", async () => {
  const [bundle, ...installs] = config.tasks.install.split(" && ");
  assertEquals(bundle, "deno task bundle");
  assertEquals(installs.map((task) => permissionFlags(task.split(" "))), [asFlags(gpmd), asFlags(gvm)]);
  const { args } = serviceCommand({ home: "/store", commandPort: 1, gmpPort: 2 });
  assertEquals(permissionFlags(args), asFlags(gpmd));
  const rows = rowsOf(await Deno.readTextFile(join(ROOT, "README.md")), "process", "flags");
  // The README leaves out the variables but the first.
  const short = (flags: string[]) => flags.map((flag) => flag.replace(/^(--allow-env=\w+),.*$/, "$1,…"));
  for (const [name, set] of Object.entries({ gpmd, gvm })) {
    const row = rows.find(({ process }) => process === name);
    assertEquals(permissionFlags(row?.flags?.split(" ") ?? []), short(asFlags(set)), name);
  }
});

async function run(
  program: string,
  args: readonly string[],
  env: Record<string, string>,
  cwd: string,
): Promise<Outcome> {
  const options = { args: [...args], env: { NO_COLOR: "1", ...env }, cwd, stdin: "null" as const };
  const { code, stdout, stderr } = await new Deno.Command(program, options).output();
  const decoder = new TextDecoder();
  return { code, stdout: decoder.decode(stdout), stderr: decoder.decode(stderr).replace(LINKS_WARNING, "") };
}

/** What Deno says of the `links` of tests/tools/test_jsr.ts, wherever a command was installed with them. */
const LINKS_WARNING = /^Warning "links" field .*\n +at .*\n/;

const MATH = join(ROOT, "examples/math/math.wasm");

/** Whether a script finds `deno`, as those that are installed must. */
const found = Deno.build.os !== "windows" &&
  (await run("sh", ["-c", "command -v deno"], {}, ROOT)).code === 0;

/** The names of the bundles that `deno` with these arguments loads and has V8's code for, as Deno says at its level "debug". */
async function compiledBundles(args: readonly string[]): Promise<string[]> {
  const { stderr } = await run("deno", ["run", "--log-level=debug", "--no-config", ...args], {}, ROOT);
  return Array.from(
    stderr.matchAll(/V8 code cache hit for ES module: \S*\/dist\/(\w+)\.js/g),
    ([, name]) => name!,
  );
}

const LINK = new URL("../dist/link.js", import.meta.url);

/** Pairs what was installed, by `type`, with another device: its link runs from one file, which was made for that. */
async function withLink(
  home: string,
  type: (name: string, ...args: string[]) => Promise<Outcome>,
): Promise<void> {
  await assertRejects(() => Deno.stat(LINK), Deno.errors.NotFound);
  const directory = await Deno.makeTempDir();
  try {
    const options = ["--link-networks=127.0.0.0/8", "--link-port=0"];
    const invited = await type("gpmd", "device", "invite", ...options);
    assertEquals(invited.code, 0, invited.stderr);
    await using other = await LinkHost.start({
      directory,
      deviceName: "pi",
      port: 0,
      networks: ["127.0.0.0/8"],
      software: "test 1.0.0",
      handlers: () => ({ "node.discover": () => ({ names: ["node-1"] }) }),
      onPipe: () => {},
    });
    const { name } = await other.join(invited.stdout.trim(), { as: "pi" });
    assertEquals((await request(other.channel(name), "node.discover", {})).names, []);
    const listed = await type("gpmd", "device", "list", "--json");
    const [device] = JSON.parse(listed.stdout);
    assertEquals([device.name, device.reachable], ["pi", true]);
    if (Deno.build.os === "linux") {
      const pids = Array.from(Deno.readDirSync("/proc"), (entry) => entry.name).filter((one) =>
        /^\d+$/.test(one)
      );
      const lines = pids.map((pid) => {
        try {
          return Deno.readTextFileSync(`/proc/${pid}/cmdline`);
        } catch {
          return ""; // it has ended
        }
      });
      const links = lines.filter((line) => line.includes(`--allow-write=${home}/link\0`));
      assertEquals(links.map((line) => line.split("\0").at(-2)), [fromFileUrl(LINK)]);
    }
  } finally {
    await Deno.remove(directory, { recursive: true });
  }
}

Deno.test({
  name: "what deno task install installs works from another directory, with exactly those permissions",
  ignore: !found,
  // libp2p leaves timers behind that end by themselves.
  sanitizeOps: false,
  sanitizeResources: false,
  async fn() {
    using place = temporaryHome();
    const root = await Deno.makeTempDir({ prefix: "ghost-" });
    const env = variables({ home: place.home, ...freePorts() });
    const script = (name: string) => join(root, "bin", name);
    const type = (name: string, ...args: string[]) => run(script(name), args, env, root);
    const said = (stdout: string) => ({ code: 0, stdout, stderr: "" });
    try {
      const installed = await run("deno", ["task", "install"], { DENO_INSTALL_ROOT: root }, ROOT);
      assertEquals(installed.code, 0, installed.stderr);
      for (const [name, set] of Object.entries({ gpmd, gvm })) {
        const version = ["--allow-read", "--allow-env", `dist/${name}.js`, "--version"];
        assertEquals(await compiledBundles(version), [name, `${name}_main`]); // the first start is none for V8
        const words = (await Deno.readTextFile(script(name))).split(/\s+/);
        assertEquals(permissionFlags(words), asFlags(set));
        assert(words.includes("--no-prompt"));
        assertEquals(await type(name, "--version"), said(`${name} ${VERSION}\n`));
      }
      assertEquals(await type("gpmd", "start"), said("GPMD is running in the background.\n"));
      try {
        const status = await type("gpmd", "status", "--json");
        const { pid } = JSON.parse(status.stdout) as { pid: number };
        if (Deno.build.os === "linux") {
          const daemon = (await Deno.readTextFile(`/proc/${pid}/cmdline`)).split("\0");
          assert(daemon.includes(new URL("../dist/daemon.js", import.meta.url).href), `${daemon}`);
        }
        const uploaded = await type("gpmd", "wasm", "upload", "--name=math", "--version=v1.0.0", MATH);
        assertEquals(uploaded.code, 0, uploaded.stderr);
        const { code, stdout, stderr } = await type("gvm", "run", "math.add(1,2)");
        assertEquals([code, stdout], [0, "Adding Numbers From Wasm...\n\n3\n"], stderr);
        await withLink(env.GHOST_HOME!, type);
      } finally {
        assertEquals(await type("gpmd", "kill"), said("GPMD has been stopped.\n"));
      }
    } finally {
      await Deno.remove(root, { recursive: true });
    }
  },
});

Deno.test("deno task compile names both commands, and each has its whole module graph at hand", async () => {
  const tasks = config.tasks.compile.split(" && ");
  assertEquals(tasks.map((task) => task.split(" ").at(-1)), ["gpmd/main.ts", "gvm/main.ts"]);
  for (const entry of ["gpmd/main.ts", "gvm/main.ts"]) {
    const { code, stdout, stderr } = await run("deno", ["info", "--json", entry], {}, ROOT);
    assertEquals(code, 0, stderr);
    const { modules } = JSON.parse(stdout) as { modules: { specifier: string; error?: string }[] };
    assertEquals(modules.filter(({ error }) => error !== undefined), []);
    // What is imported only when it is needed is in it too.
    const wanted = entry === "gpmd/main.ts" ? "gpmd/daemon/daemon_main.ts" : "gvm/executor/main.ts";
    assert(modules.some(({ specifier }) => specifier.endsWith(`/${wanted}`)), wanted);
  }
});
