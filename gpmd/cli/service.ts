import { dirname } from "@std/path/dirname";
import { resolve } from "@std/path/resolve";
import { DENO_VARIABLES } from "../../gmp/device/deno_process.ts";
import { processEntry } from "../../gmp/device/process_entry.ts";
import { SETTING_VARIABLES, type Settings } from "../../gmp/device/settings.ts";
import type { Invocation } from "../../gmp/command/program.ts";
import { note, print, say } from "../../gmp/command/console.ts";
import { GhostError } from "../../gmp/errors.ts";
import { UsageError } from "../../gmp/command/usage_error.ts";
import { INSTALL, LAUNCHD, SYSTEMD, UNINSTALL } from "./options.ts";
import type { ServiceFormat } from "./service_install.ts";

/** The permissions of the command `gpmd`, as in `deno.json`. */
const PERMISSIONS = [
  "--allow-net=127.0.0.1",
  "--allow-read",
  `--allow-env=${[...SETTING_VARIABLES, ...DENO_VARIABLES].join(",")}`,
  "--allow-sys=uid",
  "--allow-run=deno",
];

/** The command that a service runs. */
export interface ServiceCommand {
  /** The program, and its arguments. */
  readonly args: readonly string[];
  /** The variable `PATH`. */
  readonly path: string;
}

/** `gpmd service`. */
export async function run(invocation: Invocation, settings: Settings): Promise<number> {
  const format = formatOf(invocation);
  const [install, uninstall] = [invocation.has(INSTALL), invocation.has(UNINSTALL)];
  if (install && uninstall) throw new UsageError(`${ASKED} takes --install or --uninstall, not both`, ASKED);
  const text = () => FORMATS[format](serviceCommand(settings));
  if (!install && !uninstall) {
    print(text());
    return 0;
  }
  const { changeService } = await import("./service_install.ts");
  if (uninstall) {
    say(`The service is stopped and removed: ${(await changeService(format, undefined)).path}`);
    return 0;
  }
  const { awaitDaemon, findDaemon } = await import("../start/find_daemon.ts");
  const running = await findDaemon(settings);
  const { path, status } = await changeService(format, `${text()}\n`);
  // The system says that it was told to start GPMD, not that it went well.
  if (typeof running !== "object" && await awaitDaemon(settings) === undefined) {
    throw new GhostError(
      "GPMD_NOT_RUNNING",
      `The service is installed (${path}), but it has not started GPMD; see: ${status}`,
    );
  }
  say(`GPMD is a service now, and starts at every login: ${path}`);
  // One that restarts is that of the service, or of a `gpmd start -nd`.
  if (typeof running === "object" && running.restarts !== true) {
    note(
      `GPMD runs with pid ${running.pid}, not as the service yet; it does from the next login, or after: ` +
        `gpmd kill && ${ASKED} --install`,
    );
  }
  return 0;
}

/** The command that runs `gpmd start -nd` with `settings`, whatever the directory and the environment. */
export function serviceCommand({ home, commandPort, gmpPort }: Settings): ServiceCommand {
  const program = Deno.execPath();
  const entry = processEntry("gpmd", import.meta.resolve("../main.ts"));
  const run = Deno.build.standalone ? [] : ["run", "--quiet", "--no-prompt", ...PERMISSIONS, entry];
  const flags = [`--home=${resolve(home)}`, `--command-port=${commandPort}`, `--gmp-port=${gmpPort}`];
  // The PATH is where it finds the `deno` that runs the daemon.
  return { args: [program, ...run, "start", "-nd", ...flags], path: `${dirname(program)}:/usr/bin:/bin` };
}

/** A systemd user unit (systemd.service(5)). */
export function systemdUnit({ args, path }: ServiceCommand): string {
  return `# gpmd service --install installs it, and so do two commands; give the first the options that this was printed with:
#   mkdir -p ~/.config/systemd/user && gpmd service --systemd > ~/.config/systemd/user/gpmd.service
#   systemctl --user enable --now gpmd.service

[Unit]
Description=GPMD, the daemon of Ghost Network

[Service]
Environment=${systemdQuoted(`PATH=${path}`)}
ExecStart=${args.map((arg) => systemdQuoted(arg).replaceAll("$", "$$$$")).join(" ")}
Restart=on-failure

[Install]
WantedBy=default.target`;
}

/** A launchd agent (launchd.plist(5)). */
export function launchdPlist({ args, path }: ServiceCommand): string {
  return `<?xml version="1.0" encoding="UTF-8"?>
<!DOCTYPE plist PUBLIC "-//Apple//DTD PLIST 1.0//EN" "http://www.apple.com/DTDs/PropertyList-1.0.dtd">
<!-- Two commands install it; give the first the options that this was printed with:
  mkdir -p ~/Library/LaunchAgents && gpmd service > ~/Library/LaunchAgents/network.ghost.gpmd.plist
  launchctl load -w ~/Library/LaunchAgents/network.ghost.gpmd.plist
-->
<plist version="1.0">
<dict>
  <key>Label</key>
  <string>network.ghost.gpmd</string>
  <key>EnvironmentVariables</key>
  <dict>
    <key>PATH</key>
    <string>${xmlText(path)}</string>
  </dict>
  <key>ProgramArguments</key>
  <array>
${args.map((arg) => `    <string>${xmlText(arg)}</string>`).join("\n")}
  </array>
  <key>RunAtLoad</key>
  <true/>
  <key>KeepAlive</key>
  <dict>
    <key>SuccessfulExit</key>
    <false/>
  </dict>
</dict>
</plist>`;
}

const ASKED = "gpmd service";
const FORMATS = { systemd: systemdUnit, launchd: launchdPlist } as const;

function formatOf(invocation: Invocation): ServiceFormat {
  const [systemd, launchd] = [invocation.has(SYSTEMD), invocation.has(LAUNCHD)];
  if (systemd && launchd) throw new UsageError(`${ASKED} takes --systemd or --launchd, not both`, ASKED);
  if (systemd || (!launchd && Deno.build.os === "linux")) return "systemd";
  if (launchd || Deno.build.os === "darwin") return "launchd";
  throw new UsageError(`${ASKED} needs --systemd or --launchd on this system`, ASKED);
}

/** A word quoted for systemd, with `%` escaped. */
function systemdQuoted(word: string): string {
  return `"${word.replaceAll(/["\\]/g, "\\$&").replaceAll("\n", "\\n").replaceAll("%", "%%")}"`;
}

const ENTITIES: Readonly<Record<string, string>> = { "&": "&amp;", "<": "&lt;", ">": "&gt;" };

function xmlText(text: string): string {
  return text.replaceAll(/[&<>]/g, (mark) => ENTITIES[mark]!);
}
