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
      'letter: "my.module"."odd name"(1). What a component exports twice has its interface before it: ' +
      'greeter.greeter.greet("Ada"), or in full "ghost:demo/greeter@1.0.0"',
  },
  {
    name: "version",
    usage: "MODULE@VERSION",
    summary: "choose a version of a module",
    example: "math@v0.0.1.add(1,2)",
    details:
      "Uses that version of a module, in Node.run too. The default is the latest version. With @sha256: and the 64 " +
      "digits of its hash, exactly that module is used, wherever it is: on this device, or on any that is connected.",
  },
  {
    name: "values",
    usage: "1, -0x1f, 5n, 2.5e3, NaN",
    summary: "values for a function",
    example: "math.add(1_000, 0b11)",
    details:
      "Numbers are decimal, hexadecimal (0x1f), binary (0b11) or octal (0o17), may be negative, and may have _ " +
      "between digits. 5n and integers beyond 9007199254740991 are exact; a float that cannot hold one refuses it, " +
      "while 1e20 is rounded. NaN, Infinity, -Infinity, true and false are values, too. A component takes more: help " +
      "components",
  },
  {
    name: "components",
    usage: '"Ada", [1, 2], {age: 36}',
    summary: "values for a component",
    example: "greeter.area(rect((2, 3)))",
    details:
      'Written as WAVE, which results are printed as: text "Ada" with escapes such as \\n, \\\\ or \\u{1f47b}, a ' +
      'character \'x\', a list [1, 2], a tuple (1, "a"), a record {name: "Ada", age: 36} with its fields in any ' +
      'order, flags {read, write}, a case rect((2, 3)) or empty, some(1) or 1, none, ok(1), err("x"), nan and inf. ' +
      'Fields and arguments that may be none can be left out. Bytes may be b"\\x00abc" or @FILE, and a text of ' +
      'several lines stands between """. A case that is a word of WAVE is written %none. A stream is written as a list ' +
      "of its elements, a future as its value; a stream that a function returns prints as it comes.",
  },
  {
    name: "resources",
    usage: "NAME = MODULE.FUNCTION()",
    summary: "name a resource of a component",
    example: "c = greeter.counter(5)",
    details:
      "A function that makes a resource prints what it is called, such as counter#1, which can be typed wherever it is " +
      "taken; NAME = gives it another name. Its methods are called on it: c.next(). It stays where it was made, on another " +
      "node, too, until it is dropped or given to a function, or the module's state ends.",
  },
  {
    name: "input",
    usage: "MODULE... < FILE",
    summary: "give a file as standard input",
    example: "wordcount < words.txt",
    details:
      "The file, of any size, becomes the standard input of the module, or what a function takes as stream<u8> and the line " +
      "leaves out: notes.index() < notes.txt. It goes behind all the rest: Node.run(node-8399, wordcount) < words.txt, " +
      "and ~/ is your home directory.",
  },
  {
    name: "Node.discover",
    usage: "Node.discover()",
    summary: "list the nodes of the network",
    example: "Node.discover()",
    details:
      "Asks GPMD for the names of all nodes, including this one. Nodes of other devices come last, with the name of " +
      "their device: node-8399@laptop",
  },
  {
    name: "Node.connect",
    usage: "Node.connect(NODE)",
    summary: "connect to a node",
    example: "Node.connect(node-8399)",
    details:
      "Asks GPMD where the node is and connects to it. Then each node can run modules and functions on the other. " +
      "A node of another device has the name of that device behind its own: Node.connect(node-8399@laptop)",
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
    name: "drop",
    usage: "drop(NAME)",
    summary: "drop a resource",
    example: "drop(c)",
    details:
      "Gives back a resource that a line has made: what the module keeps for it is freed. See help resources",
  },
  {
    name: ".load",
    usage: ".load FILE",
    summary: "run the lines of a file",
    example: ".load setup.ghost",
    details:
      "Runs the lines of a file one after the other, as if they were typed here. A comment begins with //, and ~/ is " +
      "your home directory.",
  },
  {
    name: "help",
    usage: "help TOPIC",
    summary: "explain one of these, or a module",
    example: "help Node.run",
    details:
      "Explains one form of a line; of a module its functions (help math), of a function what it takes (help " +
      "math.add). Without a topic, lists all forms. ? is short for it.",
  },
  {
    name: "exit",
    usage: "exit",
    summary: "leave, as Ctrl-D does",
    example: "exit",
    details: "Stops this node, as quit does. Ctrl-C only stops a running call.",
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
export function noSuchTopic(name: string, modules: readonly string[] = []): string {
  const suggestion = didYouMean(name, [...TOPICS.map((topic) => topic.name), ...modules]);
  return `there is no such topic, and no such module${suggestion || "; help lists all topics"}`;
}

/** The notes below the list. */
const NOTES: readonly string[] = [
  "help TOPIC explains more: help Node.run, help values, help math, help math.add",
  "Tab completes, the right arrow accepts the suggestion, Ctrl-C stops a call",
  "Ctrl-R finds earlier lines, Ctrl-L clears the screen, Ctrl-Y puts back what was cut",
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
