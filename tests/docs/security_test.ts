// docs/security.md names the flags that the processes are started with.
import { assertEquals } from "@std/assert";
import config from "../../deno.json" with { type: "json" };
import { servicePermissions } from "../../gpmd/cli/service_install.ts";
import { daemonPermissions } from "../../gpmd/daemon/daemon_command.ts";
import { keeperCommand, linkPermissions } from "../../gpmd/link/link_command.ts";
import { DEFAULT_LINK_SETTINGS } from "../../gpmd/link/link_settings.ts";
import { executorCommand } from "../../gvm/executors/executor_command.ts";
import { DEFAULT_LIMITS } from "../../gvm/engine/execution_limits.ts";
import { readPage, rowsOf } from "./_tables.ts";

const rows = rowsOf(await readPage("security.md"), "process", "flags");

function flagsOf(process: string): string[] {
  return rows.find((row) => row.process === process)!.flags!.split(" ");
}

/** What a named permission set of deno.json is as flags. */
function asFlags(permissions: Record<string, true | string[]>): string[] {
  return Object.entries(permissions).map(([name, value]) =>
    value === true ? `--allow-${name}` : `--allow-${name}=${value.join(",")}`
  );
}

function permissionFlags(args: readonly string[]): string[] {
  return args.filter((arg) => arg.startsWith("--allow-"));
}

Deno.test("security.md has the permissions of the commands, from a checkout and installed", () => {
  const { gpmd, gvm } = config.permissions as unknown as Record<string, Record<string, true | string[]>>;
  const installed = config.tasks.install.split(" && ").slice(1).map((line) =>
    permissionFlags(line.split(" "))
  );
  assertEquals(flagsOf("the command `gpmd`"), asFlags(gpmd!));
  assertEquals(flagsOf("the command `gvm`"), asFlags(gvm!));
  assertEquals(installed, [flagsOf("the command `gpmd`"), flagsOf("the command `gvm`")]);
});

Deno.test("security.md has the permissions of the daemon, of the link and its keeper, and of an executor", () => {
  const settings = { home: "STORE", commandPort: 1111, gmpPort: 5989 };
  assertEquals(flagsOf("the daemon"), permissionFlags(daemonPermissions(settings)));
  const link = linkPermissions({ home: "STORE", ...DEFAULT_LINK_SETTINGS });
  assertEquals(flagsOf("the link"), link.filter((flag) => flag !== "--no-prompt"));
  assertEquals(flagsOf("what installs the service"), permissionFlags(servicePermissions("DIR", "systemctl")));
  assertEquals(flagsOf("the keeper of the link"), permissionFlags(keeperCommand("deno").args));
  assertEquals(flagsOf("an executor"), permissionFlags(executorCommand(DEFAULT_LIMITS).args));
});
