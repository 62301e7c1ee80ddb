import { integer, list, map, oneOf, operation, optional, record, text } from "./fields.ts";

/** Longest name of a directory, in UTF-16 units. */
const LONGEST_NAME = 4096;

const u32 = integer(0, 2 ** 32 - 1);
const module = text();
const version = optional(text());
/** It may be as long as a REQUEST. */
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

const path = text(4096);
/** The fields of all entries of a tree of files, except removed ones. Nanoseconds alone do not fit into a number. */
const common = {
  from: optional(path),
  seconds: integer(Number.MIN_SAFE_INTEGER, Number.MAX_SAFE_INTEGER),
  nanoseconds: integer(-999_999_999, 999_999_999),
};

/** The header of an entry of a tree of files, in the DATA of files.load and files.changes, by the entry's type. */
export const FILE_ENTRIES = {
  directory: map({ path, type: oneOf("directory"), ...common }),
  file: map({ path, type: oneOf("file"), ...common, size: integer(0, Number.MAX_SAFE_INTEGER) }),
  link: map({ path, type: oneOf("link"), ...common, target: path }),
  removed: map({ path, type: oneOf("removed") }),
};
