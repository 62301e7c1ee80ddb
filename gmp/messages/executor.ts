import { LONGEST_VERSION } from "../names.ts";
import { KEY_BYTES } from "../handshake/keys.ts";
import {
  anyList,
  bytes,
  integer,
  list,
  map,
  oneOf,
  operation,
  optional,
  record,
  text,
  textOrInteger,
  truth,
  upToBytes,
} from "./fields.ts";
import { SESSION_GRANTS } from "./grants.ts";

/** Longest name of a directory, in UTF-16 units. */
const LONGEST_NAME = 4096;

/** Most bytes of the values that an import takes, or returns: they are in one REQUEST or REPLY of 256 KiB. */
export const MAX_IMPORT_BYTES = 245_760;

const u32 = integer(0, 2 ** 32 - 1);
const module = text();
const version = optional(text());
const hash = text(64);
const exactly = optional(hash);
const foundVersion = text(LONGEST_VERSION);
/** It may be as long as a REQUEST. */
const argument = text(1 << 18);
const directory = text(LONGEST_NAME);
/** Of an Extism plug-in. */
const config = optional(record(argument, "strings"));

/** What a caller asks the executor of its session (docs/protocol.md, "At an executor"). */
export const SESSION_OPERATIONS = {
  "function.resolve": operation({
    module,
    version,
    hash: exactly,
    function: text(4096),
    config,
    imports: optional(u32),
  }, {
    handle: u32,
    module: text(64),
    version: foundVersion,
    hash,
    parameters: anyList,
    // Of a function of a core module; of a component's, the others.
    results: optional(anyList),
    toolchain: optional(text(64)),
    types: optional(anyList),
    result: optional(textOrInteger),
    async: optional(truth),
    methods: optional(list(text(4096), "strings")),
  }),
  "module.run": operation(
    {
      module,
      version,
      hash: exactly,
      argv: optional(list(argument, "strings")),
      env: optional(record(argument, "strings")),
      directories: optional(list(directory, "strings")),
      terminals: optional(list(oneOf("stdin", "stdout", "stderr"), "standard streams")),
      config,
      imports: optional(u32),
    },
    { exitCode: u32 },
    { takesData: true },
  ),
  "module.reset": operation({ module, version, hash: exactly }, {}),
  "files.load": operation({ name: directory }, {}, { takesData: true }),
  "files.changes": operation({ name: directory }, {}),
  "imports.provide": operation({
    module,
    version,
    hash: exactly,
    provider: u32,
    functions: list(map({ module: text(4096), name: text(4096) }), "functions"),
  }, {
    number: u32,
    functions: list(
      map({
        handle: u32,
        module: text(4096),
        name: text(4096),
        parameters: anyList,
        results: optional(anyList),
        types: optional(anyList),
        result: optional(textOrInteger),
        async: optional(truth),
      }),
      "functions",
    ),
  }),
  "import.call": operation({ handle: u32, values: upToBytes(MAX_IMPORT_BYTES) }, {
    values: upToBytes(MAX_IMPORT_BYTES),
  }),
  "resource.drop": operation({ handles: list(u32, "handles") }, {}),
  "module.find": operation({ module, version, hash: exactly }, {
    module: text(64),
    version: foundVersion,
    hash,
  }),
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
/** Counts the changes of grants at one executor. */
const revision = integer(0, 2 ** 31 - 1);
const storedName = text(64);
const storedVersion = text(64);
const size = integer(0, 2 ** 31);

/** What a node and its executors ask each other (docs/protocol.md, "Between a node and its own executors"). */
export const EXECUTOR_OPERATIONS = {
  "session.open": operation({
    session,
    ticket: bytes(KEY_BYTES),
    caller: IDENTITY,
    // Without grants, anything is allowed.
    grants: optional(SESSION_GRANTS),
    revision,
  }, {}),
  "session.close": operation({ session }, {}),
  "session.cancel": operation({ session, id: integer(0, 2 ** 32 - 1) }, {}),
  "executor.resolve": operation(
    {
      name: storedName,
      version: optional(storedVersion),
      hash: exactly,
      elsewhere: optional(truth),
      device: optional(text(64)),
    },
    { name: storedName, version: foundVersion, hash, size, brought: optional(truth) },
  ),
  "executor.fetch": operation({ hash }, { size }),
  "session.grants": operation({ session, grants: SESSION_GRANTS, revision }, {}),
};
