import type { CompletedShell } from "./completion_scripts.ts";

/** Names that GPMD knows, asked for where a shell completes them; none without a daemon. */
export interface KnownNames {
  /** The registered nodes. */
  nodes(): Promise<readonly string[]>;
  /** The modules. */
  modules(): Promise<readonly string[]>;
}

/** What a word may become: files of this machine, or these words. */
export type Completion = "files" | ((known: KnownNames) => readonly string[] | Promise<readonly string[]>);

/** An option of a command line that is given or not. */
export interface Flag {
  /** What follows `--`. */
  readonly name: string;
  /** What may stand for it behind one `-`. */
  readonly short?: string;
  /** What it does. */
  readonly text: string;
}

/** An option with a value. */
export interface ValueOption<T> extends Flag {
  /** What its value is called. */
  readonly value: string;
  /** Whether it may be given several times. */
  readonly many?: true;
  /** What its value may be, for shells. */
  readonly complete?: Completion;
  /** The value that `text` stands for. @throws {UsageError} */
  read(text: string): T;
}

/** An option of a command line. */
export type Option = Flag | ValueOption<unknown>;

/** A word that follows a command. */
export interface Operand {
  /** What it is called, such as `NAME[@VERSION]`. */
  readonly name: string;
  /** Whether there may be any number of it, also none. */
  readonly many?: true;
  /** What it may be, for shells. */
  readonly complete?: Completion;
}

/** A command line, parsed. */
export interface Invocation {
  /** The words after the command's name. */
  readonly operands: readonly string[];
  /** The words after `--`, of a command that has some. */
  readonly rest: readonly string[];
  /** Whether `flag` was given. */
  has(flag: Flag): boolean;
  /** The value of `option`, the last one, if it was given. */
  get<T>(option: ValueOption<T>): T | undefined;
  /** All values of `option`. */
  all<T>(option: ValueOption<T>): T[];
}

/** One command, such as `gpmd wasm upload`: from this parsing, help, completions and suggestions follow. */
export interface Command {
  /** Its words, such as `wasm upload`; none for what a program does without a command. */
  readonly name: string;
  /** What follows them; one that may be there any number of times comes last. */
  readonly operands: readonly Operand[];
  /** What the words after `--` are called, where they are something else than operands. */
  readonly rest?: string;
  /** What it does, in one line. */
  readonly text: string;
  /** Its own options; all commands have those of the program as well, but for the ones named here. */
  readonly options: readonly Option[];
  /** Uses of it, as typed. */
  readonly examples: readonly string[];
  /** What else its help says. */
  readonly notes?: string;
}

/** A program of several commands. */
export interface Program<C extends Command = Command> {
  /** What is typed. */
  readonly name: string;
  /** What it is, in a line. */
  readonly text: string;
  /** Its commands, in the order of its help. */
  readonly commands: readonly C[];
  /** Options of all commands. */
  readonly options: readonly Option[];
  /** What its exit codes mean. */
  readonly exitCodes: readonly (readonly [code: string, meaning: string])[];
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

/** The option of all programs. */
export const HELP: Flag = { name: "help", short: "h", text: "show this help" };

/** The option with which a program, and every command that has no other use for the word, prints its version. */
export const SHOW_VERSION: Flag = { name: "version", short: "V", text: "show the version" };

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

/** All options that `command` takes, or `program` itself. */
export function optionsOf(program: Program, command: Command | undefined): readonly Option[] {
  const own = command?.options ?? [];
  const shared = [...command === COMPLETIONS ? [] : program.options, HELP, SHOW_VERSION];
  return [...own, ...shared.filter((option) => !own.some(({ name }) => name === option.name))];
}

/** `command` as it is typed, such as `gpmd wasm upload`. */
export function typed(program: Program, command: Pick<Command, "name">): string {
  return `${program.name} ${command.name}`.trimEnd();
}

/** The words of a command's name. */
export function wordsOf({ name }: Pick<Command, "name">): readonly string[] {
  return name === "" ? [] : name.split(" ");
}

/** What follows a command's name and options, such as `FILE [-- ARG...]`. */
export function operandsText({ operands, rest }: Command): string {
  const words = operands.map(({ name, many }) => many === undefined ? name : `[${name}...]`);
  return [...words, ...rest === undefined ? [] : [`[-- ${rest}...]`]].join(" ");
}
