import { readDuration, readSize } from "../../gmp/command/quantities.ts";
import { MEMORY_RANGE, TIME_RANGE } from "../../gmp/call_limits.ts";
import { type Flag, text, type ValueOption } from "../../gmp/command/program.ts";
import { UsageError } from "../../gmp/command/usage_error.ts";

export { JSON_OUTPUT } from "../../gmp/command/program.ts";

/** Keeps the daemon in the foreground. */
export const NON_DETACHED: Flag = {
  name: "non-detached",
  short: "nd",
  text: "stay in the foreground and log to standard error",
};

/** Makes `gpmd logs` follow the log. */
export const FOLLOW: Flag = { name: "follow", short: "f", text: "keep printing what is added to the log" };

/** Lines of a log at most: one that is full has some 50,000. */
const MAX_LINES = 1_000_000;

/** How much of the log `gpmd logs` shows. */
export const LINES: ValueOption<number> = {
  name: "lines",
  short: "n",
  value: "COUNT",
  text: "show only the last COUNT lines",
  read: (text) => {
    const count = /^\d{1,7}$/.test(text) ? Number(text) : NaN;
    if (count <= MAX_LINES) return count;
    throw new UsageError(`--lines takes a number from 0 to ${MAX_LINES}, not ${text}`);
  },
};

/** The name to publish under. */
export const MODULE_NAME: ValueOption<string> = text({
  name: "name",
  value: "NAME",
  text: "the module's name (default: from a file called NAME-VERSION.wasm)",
});

/** The version to publish. */
export const MODULE_VERSION: ValueOption<string> = text({
  name: "version",
  value: "VERSION",
  text: "a semantic version, such as v0.0.1 or v1.2.0-rc.1; the v may be left out " +
    "(default: from a file called NAME-VERSION.wasm)",
});

/** The files to publish. */
export const MODULE_FILE: ValueOption<string> = text({
  name: "file",
  value: "FILE",
  many: true,
  text: "the module",
  complete: "files",
});

/** Publishes a file on every change. */
export const WATCH: Flag = {
  name: "watch",
  text: "publish the file now and whenever it changes, each time as a development version that becomes " +
    "the latest, such as v0.0.2-dev.1 after v0.0.1; it replaces the one before and is removed when " +
    "this command ends. NAME defaults to that of the file",
};

/** Prints the service for systemd. */
export const SYSTEMD: Flag = { name: "systemd", text: "a systemd user unit (default on Linux)" };

/** Prints the service for launchd. */
export const LAUNCHD: Flag = { name: "launchd", text: "a launchd agent (default on macOS)" };

/** Installs the service. */
export const INSTALL: Flag = { name: "install", text: "install it, start it now, and at every login" };

/** Removes the service. */
export const UNINSTALL: Flag = { name: "uninstall", text: "stop the service, and remove it" };

/** Milliseconds that a call under a grant may take. */
export const GRANT_TIME: ValueOption<number> = {
  name: "time",
  value: "TIME",
  text: "time limit of each call or run, such as 5s, 500ms or 1m30s, if it is less than the node's own",
  read: (text) => readDuration(text, { option: "time", ...TIME_RANGE }),
};

/** Bytes of memory for what runs under a grant. */
export const GRANT_MEMORY: ValueOption<number> = {
  name: "memory",
  value: "SIZE",
  text: "memory limit of all that a caller runs under it, 64K to 16G, if it is less than the node's own",
  read: (text) => readSize(text, { option: "memory", ...MEMORY_RANGE }),
};

/** The device whose daemon is asked. */
export const DEVICE: ValueOption<string> = text({
  name: "device",
  value: "DEVICE",
  text: "ask the GPMD of this paired device, as far as it grants that (default: this device's)",
  complete: ({ devices }) => devices?.() ?? [],
});

/** How long an invitation is good. */
export const FOR: ValueOption<number> = {
  name: "for",
  value: "TIME",
  text: "how long the code is good, such as 90s, 10m or 2h (default: 10m)",
  read: (text) => readDuration(text, { option: "for", least: 1, greatest: 2 ** 31 - 1 }),
};

/** What the other device is granted. */
export const GRANT: ValueOption<string> = text({
  name: "grant",
  value: "WHAT",
  many: true,
  text: "what the other device may do here (gpmd grant --help); may be repeated (default: *, ship, modules)",
});

/** What the other device is called here. */
export const DEVICE_NAME: ValueOption<string> = text({
  name: "name",
  value: "NAME",
  text: "what the other device is called here (default: as it calls itself)",
});

/** What this device is called there. */
export const DEVICE_AS: ValueOption<string> = text({
  name: "as",
  value: "NAME",
  text: "what this device is called there (default: its host name)",
});

/** The port on which other devices reach this one. */
export const LINK_PORT: ValueOption<number> = {
  name: "link-port",
  value: "PORT",
  text:
    "the port on which other devices reach this one; the next one is used, too. Remembered (default: 5990)",
  read: (text) => {
    // The next one is that of the lane.
    const port = /^\d+$/.test(text) ? Number(text) : NaN;
    if (port < 65_535) return port;
    throw new UsageError(`"${text}" is not a port from 0 to 65534`);
  },
};

/** The networks in which other devices may be. */
export const LINK_NETWORKS: ValueOption<readonly string[]> = {
  name: "link-networks",
  value: "LIST",
  text:
    "the only addresses and subnets in which other devices are dialled and let in, separated by commas. " +
    "Remembered (default: the private ranges)",
  read: (text) => text.split(",").map((one) => one.trim()),
};
