// The screens in README.md are what the prompt shows, and its commands those of deno.json.
import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { join } from "@std/path";
import { readModule } from "../../gmp/wasm_format/module_reader.ts";
import { formatSignature } from "../../gmp/types/signature.ts";
import { showError } from "../../gvm/repl/language/caret.ts";
import { findTopic, renderTopic } from "../../gvm/repl/help.ts";
import { parse } from "../../gvm/repl/language/parser.ts";
import { ROOT } from "../tools/commands.ts";

const README = await Deno.readTextFile(join(ROOT, "README.md"));
const PROMPT = "(node-5651) > ";

/** The lines of a screen behind the one that begins with `first`, up to the next prompt or the screen's end. */
function below(first: string): string {
  const screen = README.split("```").find((block) => block.includes(`\n${first}\n`));
  assert(screen !== undefined, `${first} is not in the README`);
  const rest = screen.slice(screen.indexOf(`\n${first}\n`) + first.length + 2);
  return rest.split(`\n${PROMPT}`)[0]!.trimEnd();
}

Deno.test("help is explained in the README as at the prompt", () => {
  assertEquals(below(`${PROMPT}help Node.run`), renderTopic(findTopic("Node.run")!));
});

Deno.test("a mistake is pointed at in the README as at the prompt", () => {
  const line = "math.add(1,,2)";
  const parsed = parse(line);
  assert(!parsed.ok);
  const { position, message } = parsed.error;
  assertEquals(below(PROMPT + line), showError(line, PROMPT.length, position, message));
});

Deno.test("the functions that the README lists are those of math", async () => {
  const { exports } = readModule(await Deno.readFile(join(ROOT, "examples/math/math.wasm")));
  const signatures = exports.flatMap((one) =>
    one.kind === "function" && one.name !== "_start" ? [formatSignature(one.name, one.type)] : []
  );
  assert(README.includes(`\n${signatures.join("\n")}\n${PROMPT}math.add(`));
});

Deno.test("the commands are installed from JSR with the permissions that they have from a checkout", async () => {
  const { tasks, name } = JSON.parse(await Deno.readTextFile(join(ROOT, "deno.json")));
  const [, ...commands] = (tasks.install as string).split(" && ");
  assertEquals(commands.length, 2);
  for (const command of commands) {
    const fromJsr = command.replace(" --no-config", "").replace(/dist\/(\S+)\.js$/, `jsr:${name}/$1/main`);
    assertStringIncludes(README, `\n${fromJsr}\n`);
  }
});
