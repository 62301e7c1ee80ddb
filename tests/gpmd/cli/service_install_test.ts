import { assertEquals, assertMatch } from "@std/assert";
import { servicePermissions } from "../../../gpmd/cli/service_install.ts";
import { startDaemon, type TestDaemon } from "../../tools/daemon_process.ts";
import { gpmd } from "../../tools/gpmd_command.ts";

// Deno's cache is in the user's own home, and here each test has another one.
const info = await new Deno.Command(Deno.execPath(), { args: ["info", "--json"] }).output();
const { denoDir } = JSON.parse(new TextDecoder().decode(info.stdout)) as { denoDir: string };

/**
 * A user's home whose `systemctl` and `launchctl` write down how they are called, and fail when told to. They start nothing
 * (`service_systemd_test.ts` has the real one), so that `daemon` has the ports.
 */
async function userHome(daemon: TestDaemon) {
  const path = await Deno.makeTempDir({ prefix: "ghost-service-" });
  const log = `${path}/called`;
  await Deno.mkdir(`${path}/bin`);
  for (const program of ["systemctl", "launchctl"]) {
    const script = `#!/bin/sh\necho "${program} $*" >> "${log}"\n` +
      `case "$*" in *"$FAIL"*) [ -z "$FAIL" ] || { echo "no bus" >&2; exit 1; };; esac\n`;
    await Deno.writeTextFile(`${path}/bin/${program}`, script, { mode: 0o755 });
  }
  return {
    path,
    env: {
      HOME: path,
      DENO_DIR: denoDir,
      PATH: `${path}/bin:${Deno.env.get("PATH")}`,
      ...daemon.env,
    },
    /** How the system's programs were called since the last time. */
    async calls() {
      const text = await Deno.readTextFile(log).catch(() => "");
      await Deno.remove(log).catch(() => {});
      return text.trimEnd().split("\n");
    },
    async [Symbol.asyncDispose]() {
      await Deno.remove(path, { recursive: true });
    },
  };
}

const SYSTEMS = [
  {
    flag: "--systemd",
    file: ".config/systemd/user/gpmd.service",
    install: ["systemctl --user daemon-reload", "systemctl --user enable --now gpmd.service"],
    uninstall: ["systemctl --user disable --now gpmd.service", "systemctl --user daemon-reload"],
  },
  {
    flag: "--launchd",
    file: "Library/LaunchAgents/network.ghost.gpmd.plist",
    install: ["launchctl load -w FILE"],
    uninstall: ["launchctl unload -w FILE"],
  },
];

Deno.test("service --install writes what service prints and has the system start it; --uninstall takes it back", async () => {
  await using daemon = await startDaemon();
  for (const { flag, file, install, uninstall } of SYSTEMS) {
    await using user = await userHome(daemon);
    const path = `${user.path}/${file}`;
    const named = (calls: string[]) => calls.map((line) => line.replace("FILE", path));
    const printed = await gpmd(user.env, "service", flag);
    assertEquals(await user.calls(), [""]);
    for (const _ of ["first", "again"]) {
      assertEquals(await gpmd(user.env, "service", "--install", flag), {
        code: 0,
        stdout: `GPMD is a service now, and starts at every login: ${path}\n`,
        // The service cannot have its ports yet.
        stderr:
          `GPMD runs with pid ${daemon.pid}, not as the service yet; it does from the next login, or after: ` +
          "gpmd kill && gpmd service --install\n",
      });
      assertEquals(await user.calls(), named(install));
      assertEquals(await Deno.readTextFile(path), printed.stdout);
    }
    assertEquals(await gpmd(user.env, "service", "--uninstall", flag), {
      code: 0,
      stdout: `The service is stopped and removed: ${path}\n`,
      stderr: "",
    });
    assertEquals(await user.calls(), named(uninstall));
    const gone = await gpmd(user.env, "service", "--uninstall", flag);
    assertEquals([gone.code, gone.stderr], [
      1,
      `BAD_ARGUMENTS: Cannot remove the service "${path}": it is not installed\n`,
    ]);
  }
});

Deno.test("what the system refuses is said as it says it, and the file is as it was", async () => {
  await using daemon = await startDaemon();
  await using user = await userHome(daemon);
  const path = `${user.path}/${SYSTEMS[0]!.file}`;
  const failing = { ...user.env, FAIL: "enable" };
  const refused = await gpmd(failing, "service", "--install", "--systemd");
  assertEquals([refused.code, refused.stdout, refused.stderr], [
    1,
    "",
    `BAD_ARGUMENTS: Cannot install the service "${path}": ` +
    "systemctl --user enable --now gpmd.service has failed: no bus; without a service, GPMD starts with: gpmd start\n",
  ]);
  assertEquals(await Deno.lstat(path).catch((error) => error instanceof Deno.errors.NotFound), true);
  await Deno.writeTextFile(path, "# my own\n");
  assertEquals((await gpmd(failing, "service", "--install", "--systemd")).code, 1);
  assertEquals(await Deno.readTextFile(path), "# my own\n");
  const kept = await gpmd({ ...user.env, FAIL: "disable" }, "service", "--uninstall", "--systemd");
  assertEquals([kept.code, await Deno.readTextFile(path)], [1, "# my own\n"]);
  const both = await gpmd(user.env, "service", "--install", "--uninstall");
  assertEquals([both.code, both.stderr.split("\n")[0]], [
    2,
    "gpmd: gpmd service takes --install or --uninstall, not both",
  ]);
});

Deno.test("what installs may write one directory and run one program, and cannot more", async () => {
  const directory = await Deno.makeTempDir();
  try {
    const entry = new URL("../../../gpmd/cli/service_process.ts", import.meta.url).href;
    const args = ["run", "--quiet", ...servicePermissions(directory, "systemctl"), entry];
    for (const path of [`${directory}/../elsewhere.service`, "/etc/hostname"]) {
      const child = new Deno.Command("deno", { args, stdin: "piped", stdout: "piped" }).spawn();
      const writer = child.stdin.getWriter();
      const work = { directory, path, text: "x", commands: [], afterwards: [] };
      await writer.write(new TextEncoder().encode(JSON.stringify(work)));
      await writer.close();
      const { reason } = JSON.parse(new TextDecoder().decode((await child.output()).stdout));
      assertMatch(reason, /^Requires read access to ".*"/);
    }
  } finally {
    await Deno.remove(directory, { recursive: true });
  }
});
