// Standard input of `gvm run` goes to the module that it runs, here and on another node, as it comes. The tests share a
// daemon, and the node there.
import { assert, assertEquals } from "@std/assert";
import { childrenOf, isRunning, residentMegabytes } from "../harness.ts";
import { eventually, GvmProcess, PATIENCE, within } from "../../tools/commands.ts";
import { run, shell, start, startNetwork } from "./_run.ts";

/** A gigabyte would not fit into a process whose memory this is, nor do 200 MB. */
const MEGABYTES = 160;

Deno.test("gvm run leads its standard input to the module", async (t) => {
  await using daemon = await startNetwork();
  await using there = await GvmProcess.start(daemon.env, "there", "--executors=1");
  await there.ask("math.sub(3,1)"); // its executor is there, for all who come

  await t.step("a module reads the standard input of gvm run, here and on another node", async () => {
    const counted = "1 lines, 3 words, 6 bytes\n1 a\n1 b\n1 c\n";
    assertEquals(await run(daemon, ["wordcount"], "a b c\n"), { code: 0, stdout: counted, stderr: "" });
    assertEquals(await run(daemon, ["--on=there", "wordcount"], "a b c\n"), {
      code: 0,
      stdout: counted,
      stderr: "",
    });
    const remote = await run(daemon, ["Node.run(there, wordcount)"], "a b c\n");
    assertEquals([remote.code, remote.stdout.replace(/^ID: {2}[0-9a-f-]{36}\n/, "")], [0, counted]);
    // Nothing is something, too.
    assertEquals((await run(daemon, ["wordcount"], "")).stdout, "0 lines, 0 words, 0 bytes\n");
  });

  await t.step("what comes slowly goes on at once, here and on another node", async () => {
    for (const where of [[], ["--on", "there"]]) {
      const child = start(daemon, ...where, "program(talk)");
      const [input, output] = [child.stdin.getWriter(), child.stdout.getReader()];
      const next = async () =>
        new TextDecoder().decode((await within(PATIENCE, "the next piece", output.read())).value);
      assertEquals(await next(), "one\n");
      for (let piece = 0; piece < 5; piece++) {
        await input.write(new TextEncoder().encode(`piece ${piece}\n`));
        assertEquals(await next(), `piece ${piece}\n`);
      }
      await input.close();
      assertEquals([await next(), await next()], ["end\n", ""]);
      assertEquals([(await child.status).code, await new Response(child.stderr).text()], [0, ""]);
    }
  });

  await t.step("200 MB pass through without being in memory", async () => {
    const child = start(daemon, "wordcount");
    const input = child.stdin.getWriter();
    const piece = new Uint8Array(1 << 20);
    let most = 0;
    for (let i = 0; i < 200; i++) {
      await input.write(piece);
      if (i % 20 === 19) {
        for (const pid of [child.pid, ...childrenOf(child.pid)]) {
          most = Math.max(most, residentMegabytes(pid));
        }
      }
    }
    await input.close();
    const [{ code }, stdout] = await Promise.all([child.status, new Response(child.stdout).text()]);
    await child.stderr.cancel();
    assertEquals([code, stdout], [0, `0 lines, 0 words, ${200 << 20} bytes\n`]);
    assert(most < MEGABYTES, `${most} MB`);
  });

  await t.step(
    "a module that does not read its input ends, whatever is in the pipe, and so does the command",
    async () => {
      for (const on of ["", "--on=there"]) {
        assertEquals(await shell(daemon, `yes | GVM_RUN ${on} math; echo "\${PIPESTATUS[1]}"`), {
          code: 0,
          stdout: "Reponse from the math module...\n0\n",
          stderr: "",
        });
        // A pipe that nobody writes to, and that does not end.
        const child = start(daemon, ...on === "" ? [] : [on], "math");
        const ended = await within(PATIENCE, "the end", child.status);
        assertEquals([ended.code, await new Response(child.stdout).text()], [
          0,
          "Reponse from the math module...\n",
        ]);
        await Promise.all([child.stderr.cancel(), child.stdin.close().catch(() => {})]);
      }
      assertEquals((await shell(daemon, "yes | GVM_RUN 'math.sub(3,1)'")).stdout, "2\n");
    },
  );

  await t.step("an output that nobody reads any more ends it without a word", async () => {
    assertEquals(await shell(daemon, `yes | GVM_RUN 'greet(-)' | head -n 1; echo "\${PIPESTATUS[1]}"`), {
      code: 0,
      stdout: "Hello, y!\n141\n",
      stderr: "",
    });
  });

  await t.step("an input that cannot be read ends the run by name", async () => {
    assertEquals(await shell(daemon, "GVM_RUN wordcount < /"), {
      code: 1,
      stdout: "",
      stderr: "BAD_ARGUMENTS: Cannot read standard input: it is a directory\n",
    });
  });

  await t.step(
    "Ctrl-C, SIGTERM and SIGHUP end a module here and there with their exit codes, and nothing is left",
    async () => {
      for (const where of [[], ["--on=there"], ["--json"]]) {
        for (const [signal, code] of [["SIGINT", 130], ["SIGTERM", 143], ["SIGHUP", 129]] as const) {
          const child = start(daemon, ...where, "program(talk)");
          const output = child.stdout.getReader();
          if (where[0] !== "--json") await output.read(); // "one"
          else await eventually("an executor", () => childrenOf(child.pid).length > 0);
          const executors = childrenOf(child.pid);
          child.kill(signal);
          const [status, stderr] = await Promise.all([child.status, new Response(child.stderr).text()]);
          assertEquals([status.code, stderr], [code, ""], `${where} ${signal}`);
          await Promise.all([output.cancel(), child.stdin.close().catch(() => {})]);
          await eventually("the end of the executors", () => !executors.some(isRunning));
        }
      }
      assertEquals(await there.ask("math.sub(3,1)"), ["2"]);
    },
  );
});
