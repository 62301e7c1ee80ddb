// Lines that call functions of components: examples/greeter, and fixtures/names.wat.
// The tests share a network, in which each has nodes of its own.
import { assertEquals, assertMatch } from "@std/assert";
import { ROOT } from "../../tools/commands.ts";
import { Network } from "../../tools/network.ts";
import { told } from "./_recorder.ts";

/** A network with the two components. */
async function startNetwork(): Promise<Network> {
  const network = await Network.start();
  await network.upload("greeter", "v1.0.0", Deno.readFileSync(`${ROOT}examples/greeter/greeter.wasm`));
  await network.upload("flows", "v1.0.0", "flows");
  await network.upload("names", "v1.0.0", Deno.readFileSync(`${ROOT}tests/gvm/repl/fixtures/names.wasm`));
  return network;
}

/** What `lines` tell, without the ids of calls elsewhere. */
async function linesOf(network: Network, lines: readonly string[]): Promise<string[]> {
  const [here] = await network.pair({ executors: 1 });
  const { told: all } = await told(here, lines, { keepGoing: true });
  return all.filter((line) => !line.startsWith("ID:  "));
}

Deno.test("lines that call functions of components", async (t) => {
  await using network = await startNetwork();

  await network.step(t, "values of every kind are given and returned, here and on another node", async () => {
    const lines = [
      ['greeter.greet("Ada")', '"Hello, Ada!"'],
      ["greeter.greet('\\u{1f47b}')", '"Hello, 👻!"'],
      [
        'greeter.birthday({tags: ["x", "yz"], name: "Ada", age: 0x24, balance: 12.5})',
        '{name: "Ada", age: 37, tags: ["x", "yz"], balance: 25}',
      ],
      [
        'greeter.birthday({name: "Ada", age: 1, email: "a@b.c", tags: [], balance: inf})',
        '{name: "Ada", age: 2, email: some("a@b.c"), tags: [], balance: inf}',
      ],
      ["greeter.area(rect((2, 3)))", "6"],
      ["greeter.size(b'\\x00abc')", "4"],
      ["greeter.size([1, 2, 0xff])", "3"],
      ["greeter.sum([1, 2n, 4_000_000_000])", "4000000003"],
      ["names.say-how({write-all})", "{write-all}"],
      ["names.choose(%ok)", "%ok"],
      ["names.letter('\\'')", "'\\''"],
      ["names.nested(some(none))", "some(none)"],
      ["names.nested()", "none"],
      ['names.text("""\n  a\n    b\n  """)', '"a\\n  b"'],
      ["names.bytes(b'\\x00\\xff')", "[0, 255]"],
    ] as const;
    const [here] = await network.pair({ executors: 1 });
    for (const [line, result] of lines) {
      for (const one of [line, `Node.run(there, ${line})`]) {
        const { told: all } = await told(here, [one]);
        assertEquals(all.at(-1), `= ${result}`, one);
      }
      // What is shown can be typed again, where a function takes what it returns.
      if (!/birthday|names\./.test(line)) continue;
      const again = await told(here, [line.replace(/\(.*/s, `(${result})`)]);
      assertMatch(again.told.at(-1)!, /^= /, result);
    }
  });

  await network.step(
    t,
    "a value that does not fit is pointed at, with the way to it and its type",
    async () => {
      assertEquals(
        await linesOf(network, [
          "greeter.greet(Ada)",
          'Node.run(there, greeter.birthday({name: "Ada", age: -1, tags: [], balance: 0}))',
          'greeter.birthday({name: "Ada", tags: [], balance: 0})',
          "greeter.area(rect(2, 3))",
          "greeter.area(rect((2, nan, 3)))",
          "greeter.greet()",
          'greeter.greet("a", "b")',
          "names.choose(ok)",
          "names.nested(1)",
          "greeter.size(@/nowhere)",
        ]),
        [
          '! greeter.greet(Ada)\n              ^ name takes a string; text must be in quotes: "Ada"',
          '! Node.run(there, greeter.birthday({name: "Ada", age: -1, tags: [], balance: 0}))\n' +
          " p.age takes a u32, an integer from 0 to 4294967295 ^",
          '! greeter.birthday({name: "Ada", tags: [], balance: 0})\n' +
          "                                                   ^ p.age is missing: a u32",
          "! greeter.area(rect(2, 3))\n                   ^ rect takes one value; several are a tuple: rect((1, 2))",
          "! greeter.area(rect((2, nan, 3)))\n" +
          "                  ^ s.rect takes 2 values, not 3: a tuple<f64, f64>",
          "! greeter.greet()\n              ^ name is missing: a string",
          '! greeter.greet("a", "b")\n                   ^ one argument too many: it takes 1: name: string',
          "! names.choose(ok)\n             ^ mode takes a case that is written %ok: ok alone means something else",
          "! names.nested(1)\n             ^ value takes an option<option<u8>>; some(…) or none",
          '! BAD_ARGUMENTS: Cannot read "/nowhere": it does not exist',
        ],
      );
    },
  );

  await network.step(t, "an error that a function returns is shown as its value", async () => {
    assertEquals(
      await linesOf(network, [
        "greeter.area(empty)",
        "Node.run(there, greeter.area(empty))",
        "names.fail()",
        "names.trap()",
        "greeter.area(circle(0))",
      ]),
      [
        '! FUNCTION_FAILED: "nothing to measure"',
        '! FUNCTION_FAILED: "nothing to measure"',
        "! FUNCTION_FAILED: %ok",
        "! TRAP: names.trap trapped: unreachable",
        "= 0",
      ],
    );
  });

  await network.step(t, "a file's bytes are given to a function", async () => {
    const file = await Deno.makeTempFile({ prefix: "ghost value " });
    try {
      Deno.writeTextFileSync(file, "12345");
      assertEquals(
        await linesOf(network, [`greeter.size(@"${file}")`, `Node.run(there, names.bytes(@"${file}"))`]),
        [
          "= 5",
          '= b"12345"',
        ],
      );
    } finally {
      await Deno.remove(file);
    }
  });

  await network.step(
    t,
    "a function is named as shortly as it is unique, and several of a name are told apart",
    async () => {
      const lines = await linesOf(network, [
        "names.only()",
        "names.first.only()",
        "names.second.say()",
        'names."test:names/first@1.0.0".say()',
        'names@v1.0.0."test:other/first@0.1.0-rc.1".say()',
        'greeter."ghost:demo/greeter@1.0.0".counter.merge(1, 2)',
        "greeter.greeter.greet('x')",
        "names.say()",
        "names.sya()",
        "nmaes.say()",
      ]);
      assertEquals(lines.slice(0, 5), ["= 1", "= 1", "= 2", "= 1", "= 3"]);
      assertMatch(lines[5]!, /\^ a takes a counter; the name of one$/);
      assertEquals(lines[6], '= "Hello, x!"');
      assertMatch(
        lines[7]!,
        /^! FUNCTION_NOT_FOUND: .* several functions of that name; there are .*second\.say/,
      );
      assertMatch(lines[8]!, /^! FUNCTION_NOT_FOUND: Cannot call sya: /);
      assertMatch(lines[9]!, /^! MODULE_NOT_FOUND: Cannot find module "nmaes"/);
    },
  );

  await network.step(t, "a resource is named, lent, given away and dropped, where it was made", async () => {
    assertEquals(
      await linesOf(network, [
        "c = greeter.counter(5)",
        "c.next()",
        "counter#1.next()",
        "d = Node.run(there, greeter.counter(10))",
        "d.next()",
        "Node.run(there, d.next())",
        "greeter.counter.merge(c, d)",
        "Node.run(there, c.next())",
        "e = greeter.counter(1)",
        "c = greeter.counter.merge(c, e)",
        "e.next()",
        "counter#1.next()",
        "c.next()",
        "drop(c)",
        "drop(c)",
        "c.next()",
        "c.nxet()",
        "f = greeter.greet('x')",
        "f.next()",
        "d.nxet()",
      ]),
      [
        "= counter#1",
        "= 5",
        "= 6",
        "= counter#2",
        "= 10",
        "= 11",
        "! greeter.counter.merge(c, d)\n                         ^ b takes a counter: d is on there",
        "! BAD_ARGUMENTS: Cannot call c.next there: c is on this node",
        "= counter#3",
        "= counter#4",
        "! RESOURCE_GONE: Cannot use e: it was given away",
        "! RESOURCE_GONE: Cannot use counter#1: it was given away",
        "= 8",
        "! RESOURCE_GONE: Cannot use c: it was dropped",
        "! RESOURCE_GONE: Cannot use c: it was dropped",
        "! RESOURCE_GONE: Cannot use c: it was dropped",
        "! f = greeter.greet('x')\n    ^ only a resource can be named, and this function returns none",
        '! MODULE_NOT_FOUND: Cannot find module "f": no module of that name was uploaded',
        "! FUNCTION_NOT_FOUND: Cannot call counter.nxet: greeter@v1.0.0 exports no such function; " +
        "did you mean counter.next? there are counter, counter.next, counter.merge, greet, birthday, area, size, sum",
      ],
    );
  });

  await network.step(t, "an error lists a component's functions as the prompt takes them", async () => {
    const there = "there are counter, counter.next, counter.merge, greet, birthday, area, size, sum";
    assertEquals(await linesOf(network, ["greeter", "help greeter.nope"]), [
      `! FUNCTION_NOT_FOUND: Cannot run greeter@v1.0.0: it has no wasi:cli/run; of other functions ${there}`,
      `! FUNCTION_NOT_FOUND: Cannot help with nope: greeter@v1.0.0 exports no such function; ${there}`,
    ]);
  });

  await network.step(t, "resources end with the state of their module", async () => {
    const lines = await linesOf(network, [
      "c = greeter.counter(5)",
      "Node.reset(greeter)",
      "c.next()",
      "drop(c)",
    ]);
    assertEquals(lines[0], "= counter#1");
    assertMatch(lines[1]!, /^! RESOURCE_GONE: /);
  });

  await network.step(t, "help shows a component's functions, and an example of each", async () => {
    const lines = await linesOf(network, [
      "help greeter.birthday",
      "help greeter.counter.merge",
      'help names."test:names/first@1.0.0".say',
      "help names",
      "help greeter.greeter.area",
    ]);
    assertMatch(
      lines[0]!,
      /\n {2}greeter\.birthday\(\{name: "text", age: 1, tags: \["text"\], balance: 0\.5\}\)$/,
    );
    assertMatch(lines[1]!, /^greeter\.counter\.merge\(a: counter, b: counter\) -> counter\n/);
    assertMatch(lines[2]!, /^names\."test:names\/first@1\.0\.0"\.say\(\) -> u32\n/);
    assertMatch(lines[4]!, /\n {2}greeter\.area\(circle\(0\.5\)\)$/);
    assertMatch(lines[3]!, /\n {2}names\.second\.say\(\) -> u32\n/);
  });

  await network.step(
    t,
    "streams are written as lists and print as they come, here and on another node",
    async () => {
      const [here] = await network.pair({ executors: 1 });
      for (const where of [(line: string) => line, (line: string) => `Node.run(there, ${line})`]) {
        const shown = async (line: string) => {
          const { told: all } = await told(here, [where(line)]);
          return all.filter((one) => !one.startsWith("ID:  "));
        };
        assertEquals(await shown('flows.words(["a b", "c"])'), ['= "a b"', '= "c"']);
        assertEquals(await shown("flows.double(21)"), ["= 42"]);
        assertEquals(await shown("flows.describe(3)"), ['= {name: "report", data: [1, 2, 3], size: 3}']);
        const [misfit] = await shown("flows.words([1])");
        assertMatch(misfit!, /text\[0\] takes a string/);
      }
    },
  );
});
