/** Components at the prompt: what is suggested in a value, where one does not fit, results and resources. */
import { assert, assertEquals } from "@std/assert";
import { ROOT } from "../../tools/commands.ts";
import type { TestDaemon } from "../../tools/daemon_process.ts";
import { enter, prompt, startNetwork as startDaemon, terminalTest } from "./_prompt.ts";

async function startNetwork(): Promise<TestDaemon> {
  const daemon = await startDaemon();
  await using gpmd = await daemon.connect();
  for (
    const [name, file] of [["greeter", "examples/greeter/greeter"], [
      "names",
      "tests/gvm/repl/fixtures/names",
    ]]
  ) {
    await gpmd.upload({ name: name!, version: "v0.0.1", module: Deno.readFileSync(`${ROOT}${file}.wasm`) });
  }
  return daemon;
}

terminalTest("components at one prompt", async (t) => {
  await using daemon = await startNetwork();
  await using terminal = await prompt(daemon, "node-0001", [], { columns: 160, rows: 100 });

  await t.step("fields, cases and resources are suggested in a value, and Tab takes them", async () => {
    await terminal.type("greeter.gr");
    await terminal.until("> greeter.greet(name: string) -> string");
    await terminal.press("Tab");
    await terminal.type('"Ada")');
    await terminal.press("Enter");
    await terminal.until('> greeter.greet("Ada")\n"Hello, Ada!"\n(node-0001) >');
    await terminal.type("greeter.birthday({na");
    await terminal.until("> greeter.birthday({name: string");
    await terminal.press("Tab");
    await terminal.type('"Ada", a');
    await terminal.until('> greeter.birthday({name: "Ada", age: u32');
    await terminal.press("Tab");
    await terminal.type('36, tags: ["x"], balance: 12.5})');
    await terminal.press("Enter");
    await terminal.until('\n{name: "Ada", age: 37, tags: ["x"], balance: 25}\n(node-0001) >');
    await terminal.type("greeter.area(");
    await terminal.until(
      "> greeter.area(s: variant {circle(f64), rect(tuple<f64, f64>), empty}) -> result<f64, string>",
    );
    await terminal.press("Tab");
    await terminal.until("\ncircle(  f64\nrect(    tuple<f64, f64>\nempty\n");
    await terminal.type("r");
    await terminal.until("> greeter.area(rect(tuple<f64, f64>)");
    await terminal.press("Tab");
    await terminal.type("(2, 3)))");
    await terminal.press("Enter");
    await terminal.until("> greeter.area(rect((2, 3)))\n6\n(node-0001) >");
    assertEquals(await enter(terminal, "c = greeter.counter(5)"), "counter#1");
    await terminal.type("c.");
    await terminal.until("> c.next() -> u32");
    await terminal.press("Tab", "Enter");
    await terminal.until("> c.next()\n5\n(node-0001) >");
    await terminal.type("drop(");
    await terminal.until("> drop(c)");
    await terminal.press("Tab", "Enter");
    await terminal.until(/> drop\(c\)\n\(node-0001\) >$/);
    assertEquals(await enter(terminal, "c.next()"), "RESOURCE_GONE: Cannot use c: it was dropped");
  });

  await t.step("a value that does not fit is pointed at below the line, in red", async () => {
    assertEquals(
      await enter(terminal, 'greeter.birthday({name: "Ada", age: -1})'),
      `${" ".repeat(14 + 36)}^ p.age takes a u32, an integer from 0 to 4294967295`,
    );
    const red = "\x1b[31m";
    assert(
      (await terminal.colours()).split("\n").some((row) => row.includes(red) && row.includes("p.age takes")),
    );
    assertEquals(await enter(terminal, "greeter.area(empty)"), 'FUNCTION_FAILED: "nothing to measure"');
    // A bracket that is open goes on in the next line.
    await terminal.type("greeter.sum([1,");
    await terminal.press("Enter");
    await terminal.until(/\n\.{11} >$/);
    await terminal.type("2])");
    await terminal.press("Enter");
    await terminal.until(/\n3\n\(node-0001\) >$/);
  });

  await t.step("a result that is very long is cut", async () => {
    const file = await Deno.makeTempFile();
    try {
      await Deno.writeFile(file, new Uint8Array(40_000));
      await terminal.type(`names.bytes(@${file})`);
      await terminal.press("Enter");
      await terminal.until(/\n[0, ]+…\n\(node-0001\) >$/);
      await terminal.type(`greeter.size(@${file})`);
      await terminal.press("Enter");
      await terminal.until("\n40000\n(node-0001) >");
    } finally {
      await Deno.remove(file);
    }
  });
});
