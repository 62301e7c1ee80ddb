import { dirname } from "@std/path/dirname";
import { resolve } from "@std/path/resolve";
import { DENO_VARIABLES } from "../../gmp/device/deno_process.ts";
import { SETTING_VARIABLES, type Settings } from "../../gmp/device/settings.ts";
import type { Invocation } from "../../gmp/command/program.ts";
import { print } from "../../gmp/command/console.ts";
import { UsageError } from "../../gmp/command/usage_error.ts";
import { LAUNCHD, SYSTEMD } from "./options.ts";

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
export function run(invocation: Invocation, settings: Settings): Promise<number> {
  print(formatOf(invocation)(serviceCommand(settings)));
  return Promise.resolve(0);
}

/** The command that runs `gpmd start -nd` with `settings`, whatever the directory and the environment. */
export function serviceCommand({ home, commandPort, gmpPort }: Settings): ServiceCommand {
  const program = Deno.execPath();
  const entry = import.meta.resolve("../main.ts");
  const run = Deno.build.standalone ? [] : ["run", "--quiet", "--no-prompt", ...PERMISSIONS, entry];
  const flags = [`--home=${resolve(home)}`, `--command-port=${commandPort}`, `--gmp-port=${gmpPort}`];
  // The PATH is where it finds the `deno` that runs the daemon.
  return { args: [program, ...run, "start", "-nd", ...flags], path: `${dirname(program)}:/usr/bin:/bin` };
}

/** A systemd user unit (systemd.service(5)). */
export function systemdUnit({ args, path }: ServiceCommand): string {
  return `# Two commands install it; give the first the options that this was printed with:
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

function formatOf(invocation: Invocation): (command: ServiceCommand) => string {
  const [systemd, launchd] = [invocation.has(SYSTEMD), invocation.has(LAUNCHD)];
  const asked = "gpmd service";
  if (systemd && launchd) throw new UsageError(`${asked} takes --systemd or --launchd, not both`, asked);
  if (systemd || (!launchd && Deno.build.os === "linux")) return systemdUnit;
  if (launchd || Deno.build.os === "darwin") return launchdPlist;
  throw new UsageError(`${asked} needs --systemd or --launchd on this system`, asked);
}

/** A word quoted for systemd, with `%` escaped. */
function systemdQuoted(word: string): string {
  return `"${word.replaceAll(/["\\]/g, "\\$&").replaceAll("\n", "\\n").replaceAll("%", "%%")}"`;
}

const ENTITIES: Readonly<Record<string, string>> = { "&": "&amp;", "<": "&lt;", ">": "&gt;" };

function xmlText(text: string): string {
  return text.replaceAll(/[&<>]/g, (mark) => ENTITIES[mark]!);
}
