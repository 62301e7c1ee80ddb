import type { Command, Invocation, Operand, Program } from "../../gmp/command/program.ts";
import { COMMAND_PORT, GMP_PORT, HOME } from "../../gmp/command/settings_options.ts";
import type { Settings } from "../../gmp/device/settings.ts";
import {
  FOLLOW,
  JSON_OUTPUT,
  LAUNCHD,
  MODULE_FILE,
  MODULE_NAME,
  MODULE_VERSION,
  NON_DETACHED,
  SYSTEMD,
  WATCH,
} from "./options.ts";

/** What a command's module exports: it does the work and returns the exit code. */
interface CommandModule {
  /** Runs the command. */
  run(invocation: Invocation, settings: Settings): Promise<number>;
}

/** A command of `gpmd`. */
export interface GpmdCommand extends Command {
  /** Permissions that it keeps, beyond reading the secret and connecting. */
  readonly keeps: readonly ("read" | "run")[];
  /** Loads it. Code that only one command needs is loaded with that command alone, so that all of them start fast. */
  load(): Promise<CommandModule>;
}

const MODULE: Operand = { name: "NAME[@VERSION]", complete: ({ modules }) => modules() };

/** `gpmd` and all its commands (README.md, "The commands"), in the order of its help. */
export const GPMD: Program<GpmdCommand> = {
  name: "gpmd",
  text: "the Ghost Port Mapper Daemon, which knows the nodes and keeps the modules of this device",
  options: [HOME, COMMAND_PORT, GMP_PORT],
  exitCodes: [
    ["0", "done"],
    ["1", "an error: its code and a sentence are on standard error"],
    ["2", "wrong usage"],
  ],
  commands: [
    {
      name: "start",
      operands: [],
      text: "start the daemon in the background",
      options: [NON_DETACHED],
      examples: ["gpmd start -nd"],
      keeps: ["run"],
      load: () => import("./start.ts"),
    },
    {
      name: "kill",
      operands: [],
      text: "stop the daemon",
      options: [],
      examples: ["gpmd kill"],
      keeps: [],
      load: () => import("./kill.ts"),
    },
    {
      name: "status",
      operands: [],
      text: "show the daemon's status",
      options: [JSON_OUTPUT],
      examples: ["gpmd status --json"],
      keeps: [],
      load: () => import("./status.ts"),
    },
    {
      name: "nodes",
      operands: [],
      text: "list the registered nodes",
      options: [JSON_OUTPUT],
      examples: ["gpmd nodes"],
      keeps: [],
      load: () => import("./nodes.ts"),
    },
    {
      name: "logs",
      operands: [],
      text: "show the daemon's log",
      options: [FOLLOW, JSON_OUTPUT],
      examples: ["gpmd logs -f"],
      keeps: ["read"],
      load: () => import("./logs.ts"),
    },
    {
      name: "wasm upload",
      operands: [{ name: "FILE", many: true, complete: "files" }],
      text: "publish modules",
      options: [MODULE_NAME, MODULE_VERSION, MODULE_FILE, WATCH, JSON_OUTPUT],
      examples: ["gpmd wasm upload --name=math --version=v0.0.1 --file=math.wasm"],
      keeps: ["read"],
      load: () => import("./wasm_upload.ts"),
    },
    {
      name: "wasm list",
      operands: [],
      text: "list the modules and their versions",
      options: [JSON_OUTPUT],
      examples: ["gpmd wasm list"],
      keeps: [],
      load: () => import("./wasm_list.ts"),
    },
    {
      name: "wasm info",
      operands: [MODULE],
      text: "show a module's exports and imports",
      options: [JSON_OUTPUT],
      examples: ["gpmd wasm info math@v0.0.1"],
      keeps: [],
      load: () => import("./wasm_info.ts"),
    },
    {
      name: "wasm remove",
      operands: [MODULE],
      text: "remove one version of a module, or all of them",
      options: [JSON_OUTPUT],
      examples: ["gpmd wasm remove math@v0.0.1"],
      keeps: [],
      load: () => import("./wasm_remove.ts"),
    },
    {
      name: "service",
      operands: [],
      text: "print a service file that starts the daemon at login",
      options: [SYSTEMD, LAUNCHD],
      examples: ["gpmd service --systemd > ~/.config/systemd/user/gpmd.service"],
      keeps: [],
      load: () => import("./service.ts"),
    },
  ],
};
