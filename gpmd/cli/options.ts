import { type Flag, text, type ValueOption } from "../../gmp/command/program.ts";

/** Makes a command print JSON. */
export const JSON_OUTPUT: Flag = { name: "json", text: "print JSON" };

/** Keeps the daemon in the foreground. */
export const NON_DETACHED: Flag = {
  name: "non-detached",
  short: "nd",
  text: "stay in the foreground and log to standard error",
};

/** Makes `gpmd logs` follow the log. */
export const FOLLOW: Flag = { name: "follow", short: "f", text: "keep printing what is added to the log" };

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
