import { assertEquals } from "@std/assert";
import { runGuest } from "./_guest.ts";
import { CHECKOUT, failureOf, optionsOf, PROGRAMS, type SuiteProgram, suitePrograms } from "./_testsuite.ts";

if (CHECKOUT === undefined) {
  console.log("Skipping WebAssembly/wasi-testsuite: WASI_TESTSUITE does not name a checkout of it");
}

Deno.test({
  name: "all 72 programs of WebAssembly/wasi-testsuite pass",
  ignore: CHECKOUT === undefined,
  async fn() {
    const failures: string[] = [];
    let count = 0;
    for (const program of suitePrograms(CHECKOUT!)) {
      count++;
      const failure = await run(program);
      if (failure !== undefined) failures.push(`${program.title}: ${failure}`);
    }
    assertEquals(failures, []);
    assertEquals(count, PROGRAMS);
  },
});

async function run(program: SuiteProgram): Promise<string | undefined> {
  const module = await WebAssembly.compile(Deno.readFileSync(program.file));
  try {
    return failureOf(program, await runGuest(module, optionsOf(program)));
  } catch (error) {
    return String(error);
  }
}
