import { integer, list, oneOf, operation, optional, record, text } from "./fields.ts";

/** Longest name of a directory, in UTF-16 units. */
export const LONGEST_NAME = 4096;

const u32 = integer(0, 2 ** 32 - 1);
const module = text();
const version = optional(text());
/** As long as a REQUEST. */
const argument = text(1 << 18);
const directory = text(LONGEST_NAME);

/** What a caller asks the executor of its session (docs/protocol.md, "At an executor"). */
export const SESSION_OPERATIONS = {
  "function.resolve": operation({ module, version, function: text(4096) }, {
    handle: u32,
    module: text(64),
    version: text(64),
    parameters: list(text(), "strings"),
    results: list(text(), "strings"),
  }),
  "module.run": operation(
    {
      module,
      version,
      argv: optional(list(argument, "strings")),
      env: optional(record(argument, "strings")),
      directories: optional(list(directory, "strings")),
      terminals: optional(list(oneOf("stdin", "stdout", "stderr"), "standard streams")),
    },
    { exitCode: u32 },
    { takesData: true },
  ),
  "module.reset": operation({ module, version }, {}),
  "files.load": operation({ name: directory }, {}, { takesData: true }),
  "files.changes": operation({ name: directory }, {}),
};
