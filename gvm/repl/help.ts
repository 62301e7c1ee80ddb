import { wrap } from "../../gmp/command/wrap.ts";
import { didYouMean } from "../../gmp/nearest.ts";

/** One entry of `help`: a form that a line can take. */
export interface Topic {
  /** What is typed after `help`. */
  name: string;
  /** The form itself; NODE, MODULE, … are placeholders. */
  usage: string;
  /** What it does, in a few words. */
  summary: string;
  /** A line that works as it is, if its nodes and modules exist. */
  example: string;
  /** Everything else worth knowing. */
  details: string;
}

/** Every form of a line, in the order in which `help` lists them. */
export const TOPICS: readonly Topic[] = [
  {
    name: "module",
    usage: "MODULE(TEXT, ...)",
    summary: "run a module",
    example: 'math(--verbose, "two words")',
    details:
      "Runs the main function of a module and shows its output as it is produced. The parentheses are optional. " +
      "Their contents are passed to the program literally, as arguments; text with a comma, a parenthesis or a " +
      "quote in it must be in quotes.",
  },
  {
    name: "function",
    usage: "MODULE.FUNCTION(VALUE, ...)",
    summary: "call a function of a module",
    example: "math.add(1,2)",
    details:
      "Calls one function and shows its output and its result. The module keeps its state from one call to the " +
      "next. A name that is not an identifier must be in quotes, and so must a module whose name has a dot before a " +
      'letter: "my.module"."odd name"(1)',
  },
  {
    name: "version",
    usage: "MODULE@VERSION",
    summary: "choose a version of a module",
    example: "math@v0.0.1.add(1,2)",
    details: "Uses that version of a module, in Node.run too. The default is the latest version.",
  },
  {
    name: "values",
    usage: "1, -0x1f, 5n, 2.5e3, NaN",
    summary: "values for a function",
    example: "math.add(1_000, 0b11)",
    details:
      "Numbers are decimal, hexadecimal (0x1f), binary (0b11) or octal (0o17), may be negative, and may have _ " +
      "between digits. 5n and integers beyond 9007199254740991 are exact; a float that cannot hold one refuses it, " +
      "while 1e20 is rounded. NaN, Infinity, -Infinity, true and false are values, too, and so is text in quotes, " +
      "with escapes such as \\n, \\t, \\\\, \\x41 or \\u{1f47b}.",
  },
  {
    name: "Node.discover",
    usage: "Node.discover()",
    summary: "list the nodes of the network",
    example: "Node.discover()",
    details: "Asks GPMD for the names of all nodes, including this one.",
  },
  {
    name: "Node.connect",
    usage: "Node.connect(NODE)",
    summary: "connect to a node",
    example: "Node.connect(node-8399)",
    details:
      "Asks GPMD where the node is and connects to it. Then each node can run modules and functions on the other.",
  },
  {
    name: "Node.list",
    usage: "Node.list()",
    summary: "list the connected nodes",
    example: "Node.list()",
    details: "Shows the nodes that this one is connected to, whichever side made the connection.",
  },
  {
    name: "Node.disconnect",
    usage: "Node.disconnect(NODE)",
    summary: "disconnect from a node",
    example: "Node.disconnect(node-8399)",
    details: "Ends the connection. Neither node can run anything on the other until they connect again.",
  },
  {
    name: "Node.run",
    usage: "Node.run(NODE, MODULE...)",
    summary: "run on another node",
    example: "Node.run(node-8399, math.add(34,34))",
    details:
      "Runs a module or calls a function on a connected node. Shows the ID of the call, then the output and the " +
      "result. Connect first: Node.connect(NODE)",
  },
  {
    name: "Node.modules",
    usage: "Node.modules()",
    summary: "list the uploaded modules",
    example: "Node.modules()",
    details: "Asks GPMD for the modules and their versions. Upload one with: gpmd wasm upload",
  },
  {
    name: "Node.reset",
    usage: "Node.reset(MODULE)",
    summary: "forget the state of a module",
    example: "Node.reset(math)",
    details:
      "Forgets what the module's functions keep in memory: the next call starts from a fresh instance. With a " +
      "version, as in Node.reset(math@v0.0.1), forgets only that version's state.",
  },
  {
    name: ".load",
    usage: ".load FILE",
    summary: "run the lines of a file",
    example: ".load setup.ghost",
    details:
      "Runs the lines of a file one after the other, as if they were typed here. A comment begins with //",
  },
  {
    name: "help",
    usage: "help TOPIC",
    summary: "explain one of these",
    example: "help Node.run",
    details: "Explains one form of a line. Without a topic, lists all of them.",
  },
  {
    name: "exit",
    usage: "exit",
    summary: "leave, as Ctrl-D does",
    example: "exit",
    details: "Stops this node. Ctrl-C only stops a running call.",
  },
];

/** The topic of that name: `Node.run`, or just `run`, in upper or lower case. */
export function findTopic(name: string): Topic | undefined {
  const wanted = name.toLowerCase().replace(/\(.*/, "");
  return TOPICS.find((topic) => {
    const known = topic.name.toLowerCase();
    return known === wanted || known === `node.${wanted}` || known === `.${wanted}`;
  });
}

/** The sentence for a topic that {@linkcode findTopic} does not know. */
export function noSuchTopic(name: string): string {
  const suggestion = didYouMean(name, TOPICS.map((topic) => topic.name));
  return `there is no such topic${suggestion || "; help lists them all"}`;
}

/** The notes below the list. */
const NOTES: readonly string[] = [
  "help TOPIC explains more: help Node.run, help function, help values",
  "Tab completes, the right arrow accepts the suggestion, Ctrl-C stops a call",
];

/** What `help` prints: every form with its summary, within `columns`, without a line break at the end. */
export function renderHelp(columns = 80): string {
  const width = Math.max(...TOPICS.map((topic) => topic.usage.length)) + 2;
  const widest = width + Math.max(...TOPICS.map((topic) => topic.summary.length));
  const lines = TOPICS.flatMap(({ usage, summary }) =>
    widest < columns ? [usage.padEnd(width) + summary] : [usage, ...indented(summary, columns)]
  );
  return [...lines, "", ...NOTES.flatMap((note) => wrap(note, columns - 1))].join("\n");
}

/** What `help TOPIC` prints, within `columns`, without a line break at the end. */
export function renderTopic({ usage, details, example }: Topic, columns = 80): string {
  return [usage, ...indented(details, columns), "", `  ${example}`].join("\n");
}

function indented(text: string, columns: number): string[] {
  // On some terminals, a line that reached the last column would be followed by an empty one.
  return wrap(text, columns - 3).map((line) => `  ${line}`);
}
