// The options of @cliffy/prompt's Input that the stand-in knows.

export type SuggestionHandler = (
  input: string,
) => Array<string | number> | Promise<Array<string | number>>;

export type CompleteHandler = (
  input: string,
  suggestion?: string,
) => Promise<string> | string;

export interface InputOptions {
  message: string;
  /** Maps what was typed to the answer. By default surrounding white space is cut off. */
  transform?: (value: string) => string | undefined;
  /** Between message and input. By default `brightBlue("›")`. */
  pointer?: string;
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
  suggestions?: Array<string | number> | SuggestionHandler;
  /** What Tab makes of the input. By default the chosen suggestion. */
  complete?: CompleteHandler;
  searchMode?: "substring" | "fuzzy";
}
