import type { CompletedShell } from "./completion_scripts.ts";

/** The names that GPMD knows, for completions in a shell; none without a daemon. */
export interface KnownNames {
  /** The registered nodes. */
  nodes(): Promise<readonly string[]>;
  /** The modules; behind an `@` the versions of the one that is typed, each with its module's name. */
  modules(typed: string): Promise<readonly string[]>;
  /** What a line of `gvm run` could become. */
  lines?(typed: string): Promise<readonly string[]>;
  /** Who may be granted something; only `gpmd` knows. */
  grantees?(): Promise<readonly string[]>;
  /** The paired devices, where a program knows them. */
  devices?(): Promise<readonly string[]>;
}

/** What a word may be completed to: files, or these words. */
export type Completion =
  | "files"
  | ((known: KnownNames, typed: string) => readonly string[] | Promise<readonly string[]>);

/** An option without a value. */
export interface Flag {
  /** Its name, behind `--`. */
  readonly name: string;
  /** Its short name, behind one `-`. */
  readonly short?: string;
  /** What it does. */
  readonly text: string;
}

/** An option with a value. */
export interface ValueOption<T> extends Flag {
  /** What the help calls its value. */
  readonly value: string;
  /** Whether it may be repeated. */
  readonly many?: true;
  /** Completions of its value. */
  readonly complete?: Completion;
  /** The value that `text` stands for. @throws {UsageError} */
  read(text: string): T;
}

/** An option of a command line. */
export type Option = Flag | ValueOption<unknown>;

/** A word that follows a command's name. */
export interface Operand {
  /** What it is called, such as `NAME[@VERSION]`. */
  readonly name: string;
  /** Whether there may be any number of them, even none. */
  readonly many?: true;
  /** Whether it may be left out. */
  readonly optional?: true;
  /** Completions of it. */
  readonly complete?: Completion;
}

/** A command line, parsed. */
export interface Invocation {
  /** The words after the command's name. */
  readonly operands: readonly string[];
  /** The words after `--`, if the command takes any. */
  readonly rest: readonly string[];
  /** Whether `flag` was given. */
  has(flag: Flag): boolean;
  /** The last value of `option`, if it was given. */
  get<T>(option: ValueOption<T>): T | undefined;
  /** All values of `option`. */
  all<T>(option: ValueOption<T>): T[];
}

/** A command, such as `gpmd wasm upload`: parsing, help, completions and suggestions follow from this. */
export interface Command {
  /** Its words, such as `wasm upload`; empty for what the program does without a command. */
  readonly name: string;
  /** Other names that people try, with as many words, which are understood as well. */
  readonly aliases?: readonly string[];
  /** What follows them; one with `many` or `optional` comes last. */
  readonly operands: readonly Operand[];
  /** What the help calls the words after `--`, if they are not operands. */
  readonly rest?: string;
  /** Whether these words also follow the operands without `--`: from the first that is none of its options. */
  readonly restFollows?: true;
  /** What was most likely meant by more words than it takes, if that can be told. */
  readonly meant?: (words: readonly string[]) => string | undefined;
  /** What it does, in one line. */
  readonly text: string;
  /** Its own options, which replace the program's of the same name. */
  readonly options: readonly Option[];
  /** Examples, as typed. */
  readonly examples: readonly string[];
  /** The rest of its help. */
  readonly notes?: string;
  /** What its exit codes mean, where that is not what the program's do. */
  readonly exitCodes?: ExitCodes;
}

/** Exit codes, each with its meaning. */
export type ExitCodes = readonly (readonly [code: string, meaning: string])[];

/** A program of several commands. */
export interface Program<C extends Command = Command> {
  /** Its name, as typed. */
  readonly name: string;
  /** What it is, in one line. */
  readonly text: string;
  /** Its commands, in the order of the help. */
  readonly commands: readonly C[];
  /** Options of all commands. */
  readonly options: readonly Option[];
  /** What its exit codes mean. */
  readonly exitCodes: ExitCodes;
}

/** An option whose value is taken as it is typed. */
export function text(
  option: Omit<ValueOption<string>, "read">,
): ValueOption<string> {
  return { ...option, read: (text) => text };
}

/** Whether `option` takes a value. */
export function takesValue(option: Option): option is ValueOption<unknown> {
  return "value" in option;
}

/** The option that shows the help of any program or command. */
export const HELP: Flag = { name: "help", short: "h", text: "show this help" };

/** The option that shows the version, unless a command has another use for the word. */
export const SHOW_VERSION: Flag = { name: "version", short: "V", text: "show the version" };

/** Makes a command print JSON, its error too. */
export const JSON_OUTPUT: Flag = { name: "json", text: "print JSON; an error too, on standard error" };

/** The command that every program has. */
export const COMPLETIONS: Command = {
  name: "completions",
  operands: [{ name: "bash|zsh|fish", complete: () => ["bash", "zsh", "fish"] satisfies CompletedShell[] }],
  text: "print a script that completes commands, options and names in a shell",
  options: [],
  examples: [],
};

/** All commands of `program`. */
export function commandsOf<C extends Command>(program: Program<C>): readonly (C | typeof COMPLETIONS)[] {
  return [...program.commands, COMPLETIONS];
}

/** All options of `command`, or of `program` itself. */
export function optionsOf(program: Program, command: Command | undefined): readonly Option[] {
  const own = command?.options ?? [];
  const shared = [...command === COMPLETIONS ? [] : program.options, HELP, SHOW_VERSION];
  return [...own, ...shared.filter((option) => !own.some(({ name }) => name === option.name))];
}

/** The options of all commands of `program`. */
export function allOptionsOf(program: Program): readonly Option[] {
  return commandsOf(program).flatMap((command) => [...optionsOf(program, command)]);
}

/** `command` as it is typed, such as `gpmd wasm upload`. */
export function typed(program: Program, command: Pick<Command, "name">): string {
  return `${program.name} ${command.name}`.trimEnd();
}

/** The words of a command's name. */
export function wordsOf({ name }: Pick<Command, "name">): readonly string[] {
  return name === "" ? [] : name.split(" ");
}

/** Whether `words` begin with the name of `command`, or with another name for it. */
export function isNamedBy({ name, aliases = [] }: Command, words: readonly string[]): boolean {
  return name !== "" &&
    [name, ...aliases].some((one) => wordsOf({ name: one }).every((word, i) => words[i] === word));
}

/** What follows a command's name and options, such as `FILE [-- ARG...]`. */
export function operandsText({ operands, rest, restFollows }: Command): string {
  const words = operands.map(({ name, many, optional }) =>
    many ? `[${name}...]` : optional ? `[${name}]` : name
  );
  return [...words, ...rest === undefined ? [] : [`[${restFollows ? "" : "-- "}${rest}...]`]].join(" ");
}

/** The hidden subcommand that the scripts call. */
export const COMPLETE_SUBCOMMAND = "__complete";

/** The exit code with which a command, printing nothing, tells the shell to complete files. */
export const FILES = 1;
