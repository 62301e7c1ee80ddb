import type { Command, ExitCodes, Invocation, Operand, Program } from "../../gmp/command/program.ts";
import { COMMAND_PORT, GMP_PORT, HOME } from "../../gmp/command/settings_options.ts";
import type { Settings } from "../../gmp/device/settings.ts";
import {
  DEVICE,
  DEVICE_AS,
  DEVICE_NAME,
  FOLLOW,
  FOR,
  GRANT,
  GRANT_MEMORY,
  GRANT_TIME,
  INSTALL,
  JSON_OUTPUT,
  LAUNCHD,
  LINES,
  LINK_NETWORKS,
  LINK_PORT,
  MODULE_FILE,
  MODULE_NAME,
  MODULE_VERSION,
  NON_DETACHED,
  SYSTEMD,
  UNINSTALL,
  WATCH,
} from "./options.ts";

/** What a command's module exports: it does the work and returns the exit code. */
interface CommandModule {
  /** Runs the command. */
  run(invocation: Invocation, settings: Settings): Promise<number>;
}

/** A command of `gpmd`. */
export interface GpmdCommand extends Command {
  /** Whether it starts processes: all others give up that permission. */
  readonly starts?: true;
  /** Loads it. Code that only one command needs is loaded with that command alone, so that all of them start fast. */
  load(): Promise<CommandModule>;
}

const PAIRED: Operand = { name: "DEVICE", complete: ({ devices }) => devices?.() ?? [] };
const MODULE: Operand = { name: "NAME[@VERSION]", complete: ({ modules }, typed) => modules(typed) };

const WHO: Operand = { name: "WHO", complete: ({ grantees }) => grantees?.() ?? [] };
const WHAT: Operand = {
  name: "WHAT",
  complete: async ({ modules }) => {
    const { RIGHTS } = await import("../../gmp/grants/what.ts");
    const names = await modules("");
    return ["*", ...RIGHTS, ...names.flatMap((name) => [name, `${name}.*`])];
  },
};

/** What else NAME@VERSION may be, for the help of the commands about one module. */
const HASH_NOTE = "NAME@sha256:HASH, with all 64 digits, is the version that has that hash.";

/** What WHO and WHAT may be, for the help of the commands about grants. */
const GRANT_NOTES =
  "WHO is everyone, local (all nodes of this device), a device (laptop), or a node: node-1@laptop, " +
  "node-1@local. WHAT is * (any function and run), MODULE.* (any of that module), MODULE (running it), MODULE.FUNCTION, " +
  "ship (run modules of its own), modules (fetch modules by hash), commands (ask this device's GPMD) or manage " +
  "(upload, remove, kill). Quote what a shell would expand: '*', 'math.*'.";

const EXIT_CODES: ExitCodes = [
  ["0", "done"],
  ["1", "an error: its code and a sentence are on standard error"],
  ["2", "wrong usage"],
];

/** `gpmd` and all its commands (README.md, "The commands"), in the order of its help. */
export const GPMD: Program<GpmdCommand> = {
  name: "gpmd",
  text: "the Ghost Port Mapper Daemon, which knows the nodes and keeps the modules of this device",
  options: [HOME, COMMAND_PORT, GMP_PORT],
  exitCodes: EXIT_CODES,
  commands: [
    {
      name: "start",
      operands: [],
      text: "start the daemon in the background",
      options: [NON_DETACHED, LINK_PORT, LINK_NETWORKS],
      examples: ["gpmd start -nd"],
      starts: true,
      load: () => import("./start.ts"),
    },
    {
      name: "restart",
      operands: [],
      text: "stop the daemon if it runs, and start it as it was before, or in the background",
      options: [LINK_PORT, LINK_NETWORKS, DEVICE],
      examples: ["gpmd restart"],
      starts: true,
      load: () => import("./restart.ts"),
    },
    {
      name: "kill",
      aliases: ["stop"],
      operands: [],
      text: "stop the daemon",
      options: [DEVICE],
      examples: ["gpmd kill"],
      load: () => import("./kill.ts"),
    },
    {
      name: "status",
      operands: [],
      text: "show the daemon's status",
      options: [JSON_OUTPUT, DEVICE],
      examples: ["gpmd status --json", "gpmd --device=laptop status"],
      load: () => import("./status.ts"),
    },
    {
      name: "nodes",
      operands: [],
      text: "list the registered nodes",
      options: [JSON_OUTPUT, DEVICE],
      examples: ["gpmd nodes"],
      load: () => import("./nodes.ts"),
    },
    {
      name: "logs",
      operands: [],
      text: "show the daemon's log",
      options: [FOLLOW, LINES, JSON_OUTPUT],
      examples: ["gpmd logs -f", "gpmd logs -n 20"],
      load: () => import("./logs.ts"),
    },
    {
      name: "wasm upload",
      operands: [{ name: "FILE", many: true, complete: "files" }],
      text: "publish modules",
      options: [MODULE_NAME, MODULE_VERSION, MODULE_FILE, WATCH, JSON_OUTPUT, DEVICE],
      examples: ["gpmd wasm upload --name=math --version=v0.0.1 --file=math.wasm"],
      exitCodes: [...EXIT_CODES, [
        "130, 143 or 129",
        "--watch was ended by SIGINT (Ctrl-C), SIGTERM or SIGHUP",
      ]],
      load: () => import("./wasm_upload.ts"),
    },
    {
      name: "wasm list",
      aliases: ["wasm ls"],
      operands: [],
      text: "list the modules and their versions",
      options: [JSON_OUTPUT, DEVICE],
      examples: ["gpmd wasm list"],
      load: () => import("./wasm_list.ts"),
    },
    {
      name: "wasm info",
      operands: [MODULE],
      text: "show a module's exports and imports",
      options: [JSON_OUTPUT, DEVICE],
      examples: ["gpmd wasm info math@v0.0.1"],
      notes: HASH_NOTE,
      load: () => import("./wasm_info.ts"),
    },
    {
      name: "wasm types",
      operands: [MODULE],
      text: "write a module's functions as TypeScript declarations",
      options: [DEVICE],
      examples: ["gpmd wasm types math@v0.0.1 > math.d.ts"],
      notes: HASH_NOTE,
      load: () => import("./wasm_types.ts"),
    },
    {
      name: "wasm remove",
      aliases: ["wasm delete", "wasm rm"],
      operands: [MODULE],
      text: "remove one version of a module, or all of them",
      options: [JSON_OUTPUT, DEVICE],
      examples: ["gpmd wasm remove math@v0.0.1"],
      notes: HASH_NOTE,
      load: () => import("./wasm_remove.ts"),
    },
    {
      name: "device invite",
      operands: [],
      text: "make a code for pairing another device of yours with this one",
      options: [FOR, GRANT, LINK_PORT, LINK_NETWORKS],
      examples: ["gpmd device invite --for 10m"],
      starts: true,
      load: () => import("./device_invite.ts"),
    },
    {
      name: "device join",
      operands: [{ name: "CODE", optional: true }],
      text: "pair this device with the one that made CODE",
      options: [DEVICE_NAME, DEVICE_AS, GRANT, LINK_PORT, LINK_NETWORKS],
      examples: [
        "gpmd device join --name=laptop",
        "gpmd device join ghost1-KEY-TOKEN@192.168.1.20:5990 --name=laptop",
        "ssh laptop gpmd device invite | gpmd device join",
      ],
      notes: "Without CODE, or with -, reads it from standard input, and asks for it at a terminal: " +
        "others of this device can see an operand while the command runs, and the shell remembers it. " +
        "A device that is paired already keeps its name and gets anew what pairing grants.",
      starts: true,
      load: () => import("./device_join.ts"),
    },
    {
      name: "device list",
      operands: [],
      text: "list the paired devices",
      options: [JSON_OUTPUT],
      examples: ["gpmd device list"],
      starts: true,
      load: () => import("./device_list.ts"),
    },
    {
      name: "device rename",
      operands: [PAIRED, { name: "NAME" }],
      text: "rename a paired device",
      options: [JSON_OUTPUT],
      examples: ["gpmd device rename laptop work"],
      starts: true,
      load: () => import("./device_rename.ts"),
    },
    {
      name: "device remove",
      operands: [PAIRED],
      text: "end the pairing with a device",
      options: [JSON_OUTPUT],
      examples: ["gpmd device remove laptop"],
      starts: true,
      load: () => import("./device_remove.ts"),
    },
    {
      name: "device doctor",
      operands: [PAIRED],
      text: "show how a paired device is reached, or what is in the way and what to do",
      options: [JSON_OUTPUT],
      examples: ["gpmd device doctor laptop"],
      notes: "Exits with 1 when the device cannot be reached.",
      starts: true,
      load: () => import("./device_doctor.ts"),
    },
    {
      name: "device relay",
      operands: [{ name: "on|off", optional: true, complete: () => ["on", "off"] }],
      text: "let this device carry connections between others that cannot reach each other",
      options: [JSON_OUTPUT],
      examples: ["gpmd device relay on"],
      notes:
        "Without on or off, says which it is. Devices that are paired with this one use it by themselves.",
      starts: true,
      load: () => import("./device_relay.ts"),
    },
    {
      name: "grant",
      operands: [WHO, WHAT, { ...WHAT, many: true }],
      text: "let others run modules and functions on this device's nodes",
      options: [GRANT_TIME, GRANT_MEMORY, JSON_OUTPUT],
      examples: [
        "gpmd grant laptop 'math.*' notes.read --time 5s --memory 64M",
        "gpmd grant node-1@local math.add",
      ],
      notes: `${GRANT_NOTES} A grant that is there already gets the new limits, or none.`,
      load: () => import("./grant.ts"),
    },
    {
      name: "grants",
      operands: [{ ...WHO, many: true }],
      text: "show what others may do on this device's nodes",
      options: [JSON_OUTPUT],
      examples: ["gpmd grants", "gpmd grants laptop"],
      load: () => import("./grants.ts"),
    },
    {
      name: "revoke",
      operands: [WHO, WHAT, { ...WHAT, many: true }],
      text: "take a grant back, and end what runs without one",
      options: [JSON_OUTPUT],
      examples: ["gpmd revoke laptop 'math.*'", "gpmd revoke local '*'"],
      notes: `${GRANT_NOTES} Exactly what was granted is revoked: math.add takes nothing from math.* or *.`,
      load: () => import("./revoke.ts"),
    },
    {
      name: "service",
      operands: [],
      text: "print a service file that starts the daemon at login, or install it",
      options: [INSTALL, UNINSTALL, SYSTEMD, LAUNCHD],
      examples: ["gpmd service --install", "gpmd service --systemd > ~/.config/systemd/user/gpmd.service"],
      starts: true,
      load: () => import("./service.ts"),
    },
  ],
};
