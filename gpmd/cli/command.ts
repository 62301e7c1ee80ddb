import type { Settings } from "../../gmp/device/settings.ts";

/** An option of a command line. */
export interface Option {
  /** What follows `--`. */
  readonly name: string;
  /** The one letter that may stand for it. */
  readonly short?: string;
  /** What its value is called; without it, it takes none. */
  readonly value?: string;
  /** Whether it may be given several times. */
  readonly many?: true;
  /** What it does. */
  readonly text: string;
}

/** A command line, parsed. */
export interface Invocation {
  /** The words after the command's name. */
  readonly operands: readonly string[];
  /** The value of an option that takes one. */
  value(name: string): string | undefined;
  /** The values of an option that may be given several times. */
  values(name: string): readonly string[];
  /** Whether an option that takes no value was given. */
  has(name: string): boolean;
}

/** What a command's module exports: it does the work and returns the exit code. */
export interface CommandModule {
  /** Runs the command. */
  run(invocation: Invocation, settings: Settings): Promise<number>;
}

/** One command, such as `gpmd wasm upload`. */
export interface Command {
  /** Its words, such as `wasm upload`. */
  readonly name: string;
  /** What may follow them, such as `NAME[@VERSION]`. */
  readonly operands: string;
  /** How many words may follow, at least and at most. */
  readonly count: readonly [least: number, most: number];
  /** What it does, in one line. */
  readonly text: string;
  /** Its own options; all commands have those of `COMMON_OPTIONS` as well. */
  readonly options: readonly Option[];
  /** A use of it, as typed. */
  readonly example: string;
  /** Permissions beyond reading the secret and connecting that it keeps. */
  readonly keeps: readonly ("read" | "run")[];
  /** Loads it. What only one command needs is loaded with it alone, so that every command starts at once. */
  load(): Promise<CommandModule>;
}

/** The hidden subcommand that the scripts of `gpmd completions` call. */
export const COMPLETE_SUBCOMMAND = "__complete";

/** Options whose value is a file or a directory. */
export const FILE_OPTIONS: readonly string[] = ["file", "home"];

/** Options of every command. */
export const COMMON_OPTIONS: readonly Option[] = [
  { name: "home", value: "DIR", text: "the store (default: GHOST_HOME, else ~/.ghost-network)" },
  {
    name: "command-port",
    value: "PORT",
    text: "the port of commands (default: GHOST_COMMAND_PORT, else 1111)",
  },
  { name: "gmp-port", value: "PORT", text: "the port of nodes (default: GHOST_GMP_PORT, else 5989)" },
  { name: "help", short: "h", text: "this text" },
];

/** The option with which a command prints JSON. */
export const JSON_OPTION: Option = { name: "json", text: "print JSON" };

/** The option with which `gpmd`, and every command that has no other use for the word, prints its version. */
export const VERSION_OPTION: Option = { name: "version", short: "V", text: "the version of GPMD" };

/** All options that `command` takes, or `gpmd` itself. */
export function optionsOf(command: Command | undefined): Option[] {
  const own = command?.options ?? [];
  const version = own.some(({ name }) => name === VERSION_OPTION.name) ? [] : [VERSION_OPTION];
  return [...own, ...COMMON_OPTIONS, ...version];
}
