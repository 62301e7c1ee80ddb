// `deno task install` puts the commands on the PATH, with the permissions that deno.json and the README name.
import { assert, assertEquals } from "@std/assert";
import { join } from "@std/path";
import config from "../deno.json" with { type: "json" };
import { serviceCommand } from "../gpmd/cli/service.ts";
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
  const tasks = config.tasks.install.split(" && ").map((task) => permissionFlags(task.split(" ")));
  assertEquals(tasks, [asFlags(gpmd), asFlags(gvm)]);
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

/** Whether a script finds `deno`, as those that are installed must. */
const found = Deno.build.os !== "windows" &&
  (await run("sh", ["-c", "command -v deno"], {}, ROOT)).code === 0;

Deno.test({
  name: "what deno task install installs works from another directory, with exactly those permissions",
  ignore: !found,
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
        const words = (await Deno.readTextFile(script(name))).split(/\s+/);
        assertEquals(permissionFlags(words), asFlags(set));
        assert(words.includes("--no-prompt"));
        assertEquals(await type(name, "--version"), said(`${name} ${VERSION}\n`));
      }
      assertEquals(await type("gpmd", "start"), said("GPMD is running in the background.\n"));
      try {
        const { code, stdout, stderr } = await type("gvm", "--name=here", "run", "Node.discover()");
        assertEquals([code, stdout], [0, "here\n"], stderr);
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
