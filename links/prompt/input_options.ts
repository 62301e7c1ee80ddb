// The options of @cliffy/prompt's Input that the stand-in knows.

export type ValidateResult = string | boolean | Promise<string | boolean>;

export type SuggestionHandler = (
  input: string,
) => Array<string | number> | Promise<Array<string | number>>;

export type CompleteHandler = (
  input: string,
  suggestion?: string,
) => Promise<string> | string;

export interface InputOptions {
  message: string;
  /** What an empty input stands for. */
  default?: string;
  /** Don't show the default value after the message. */
  hideDefault?: boolean;
  /** `false` or a message refuses the value. */
  validate?: (value: string) => ValidateResult;
  /** Maps what was typed to the answer. By default surrounding white space is cut off. */
  transform?: (value: string) => string | undefined;
  /** Shown below the prompt. */
  hint?: string;
  /** Between message and input. By default `brightBlue("›")`. */
  pointer?: string;
  indent?: string;
  /** Before the message. By default `yellow("? ")`. */
  prefix?: string;
  /** Leave Ctrl-C to the terminal, which then sends SIGINT. */
  cbreak?: boolean;
  reader?: {
    read(p: Uint8Array): Promise<number | null>;
    setRaw(mode: boolean, options?: Deno.SetRawOptions): void;
    isTerminal(): boolean;
  };
  writer?: { writeSync(p: Uint8Array): number };
  minLength?: number;
  maxLength?: number;
  suggestions?: Array<string | number> | SuggestionHandler;
  /** What Tab makes of the input. By default the chosen suggestion. */
  complete?: CompleteHandler;
  /** Show the suggestions as a list. */
  list?: boolean;
  searchMode?: "substring" | "fuzzy";
  /** Submit the chosen suggestion in place of what was typed. By default when `list` is set. */
  completeOnSubmit?: boolean;
  /** Show the keys below the prompt. */
  info?: boolean;
  listPointer?: string;
  /** How many suggestions a list shows at once. By default 8. */
  maxRows?: number;
}
