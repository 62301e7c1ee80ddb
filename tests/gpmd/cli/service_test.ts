import { assert, assertEquals } from "@std/assert";
import { launchdPlist, serviceCommand, systemdUnit } from "../../../gpmd/cli/service.ts";
import { GhostError } from "../../../gmp/errors.ts";
import { GpmdClient } from "../../../gpmd/client/client.ts";
import { freePorts, variables } from "../../tools/daemon_process.ts";
import { gpmd } from "../../tools/gpmd_command.ts";
import { temporaryHome } from "../_modules.ts";

/** A store whose path means something to systemd and in XML. */
const STRANGE = { home: '/home/a b/100%"$HOME"\\<&>', commandPort: 2111, gmpPort: 2989 };

const hasProgram = (name: string) =>
  new Deno.Command(name, { args: ["--version"], stdout: "null", stderr: "null" }).output().then(
    ({ success }) => success,
    () => false,
  );
const [analyze, python] = await Promise.all(["systemd-analyze", "python3"].map(hasProgram));

/** A plist as Python's standard library reads it. */
async function readPlist(text: string): Promise<Record<string, unknown>> {
  const script = "import json, plistlib, sys; print(json.dumps(plistlib.loads(sys.argv[1].encode())))";
  const { code, stdout, stderr } = await new Deno.Command("python3", { args: ["-c", script, text] }).output();
  assertEquals(code, 0, new TextDecoder().decode(stderr));
  return JSON.parse(new TextDecoder().decode(stdout));
}

Deno.test("service prints what the system has, or what is asked for, with the settings in force", async () => {
  const settings = { home: "/tmp/store", ...freePorts() };
  const systemd = { code: 0, stdout: `${systemdUnit(serviceCommand(settings))}\n`, stderr: "" };
  const launchd = { code: 0, stdout: `${launchdPlist(serviceCommand(settings))}\n`, stderr: "" };
  const env = variables(settings);
  assertEquals(await gpmd(env, "service", "--systemd"), systemd);
  assertEquals(await gpmd(env, "service", "--launchd"), launchd);
  if (Deno.build.os === "linux") assertEquals(await gpmd(env, "service"), systemd);
  if (Deno.build.os === "darwin") assertEquals(await gpmd(env, "service"), launchd);
  const { code, stderr } = await gpmd(env, "service", "--systemd", "--launchd");
  assertEquals(code, 2);
  assert(stderr.includes("not both"), stderr);
  for (const flag of ["--home=/tmp/store", `--command-port=${settings.commandPort}`, "start", "-nd"]) {
    assert(systemd.stdout.includes(` "${flag}"`), systemd.stdout);
  }
});

Deno.test({
  name: "systemd takes the unit as it is, whatever the store is called",
  ignore: !analyze,
  async fn() {
    const directory = await Deno.makeTempDir();
    const file = `${directory}/gpmd.service`;
    try {
      for (const settings of [STRANGE, { ...STRANGE, home: "/tmp/store" }]) {
        await Deno.writeTextFile(file, systemdUnit(serviceCommand(settings)));
        const { code, stderr } = await new Deno.Command("systemd-analyze", {
          args: ["--user", "verify", file],
          env: { XDG_RUNTIME_DIR: directory },
        }).output();
        // It also complains of other units of this machine.
        const complaints = new TextDecoder().decode(stderr).split("\n").filter((line) =>
          line.includes("gpmd")
        );
        assertEquals([code, complaints], [0, []]);
      }
    } finally {
      await Deno.remove(directory, { recursive: true });
    }
  },
});

Deno.test({
  name: "the plist is well-formed, and its words arrive as they are",
  ignore: !python,
  async fn() {
    const command = serviceCommand(STRANGE);
    const plist = await readPlist(launchdPlist(command));
    assertEquals(plist.ProgramArguments, [...command.args]);
    assertEquals(plist.EnvironmentVariables, { PATH: command.path });
    assertEquals(command.args.at(-3), `--home=${STRANGE.home}`);
  },
});

Deno.test("what a service starts runs with no variables but its own, and SIGTERM stops it", async () => {
  using place = temporaryHome();
  const settings = { home: place.home, ...freePorts() };
  const { args: [program, ...args], path } = serviceCommand(settings);
  const child = new Deno.Command(program!, {
    args,
    cwd: "/",
    clearEnv: true,
    // Deno's cache, which is elsewhere under test than in a user's home.
    env: { PATH: path, HOME: Deno.env.get("HOME") ?? "/", DENO_DIR: Deno.env.get("DENO_DIR") ?? "" },
    stderr: "piped",
  }).spawn();
  let log = "";
  for await (const text of child.stderr.pipeThrough(new TextDecoderStream())) {
    log += text;
    if (!text.includes("daemon.started")) continue;
    await using client = await GpmdClient.connect(settings);
    assertEquals((await client.status()).store, place.home);
    child.kill("SIGTERM");
  }
  assertEquals((await child.status).code, 0, log);
  assert(log.includes("daemon.stopped"), log);
  const again = await GpmdClient.connect({ ...settings, secret: new Uint8Array(32) }).catch((error) => error);
  assert(again instanceof GhostError && again.code === "GPMD_NOT_RUNNING");
});
