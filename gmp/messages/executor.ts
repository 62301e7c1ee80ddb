import { KEY_BYTES } from "../handshake/keys.ts";
import { bytes, integer, list, map, oneOf, operation, optional, record, text } from "./fields.ts";

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

/** Characters of a node's or an executor's id at most; a UUID has 36. */
export const LONGEST_ID = 64;

/** Which node: a `NodeIdentity`. */
const NODE_IDENTITY = map({ name: text(64), id: text(LONGEST_ID) });

/** Who is there: an `Identity`. */
const IDENTITY = map({
  role: oneOf("command", "node"),
  device: optional(text(64)),
  node: optional(NODE_IDENTITY),
});

const session = integer(0, 2 ** 31 - 1);
const hash = text(64);
const storedName = text(64);
const storedVersion = text(64);
const size = integer(0, 2 ** 31);

/** What a node and its executors ask each other (docs/protocol.md, "Between a node and its own executors"). */
export const EXECUTOR_OPERATIONS = {
  "session.open": operation({ session, ticket: bytes(KEY_BYTES), caller: IDENTITY }, {}),
  "session.close": operation({ session }, {}),
  "session.cancel": operation({ session, id: integer(0, 2 ** 32 - 1) }, {}),
  "executor.resolve": operation(
    { name: storedName, version: optional(storedVersion) },
    { name: storedName, version: storedVersion, hash, size },
  ),
  "executor.fetch": operation({ hash }, { size }),
};
