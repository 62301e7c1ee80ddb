// What answers at a port that is not the one that was meant, and what helps.
import { assertEquals } from "@std/assert";
import { runCommand } from "../../tools/commands.ts";
import { freePorts, startDaemon, variables } from "../../tools/daemon_process.ts";
import { gpmd } from "../../tools/gpmd_command.ts";
import { temporaryHome } from "../_modules.ts";

const NAME_COMMANDS = "name the one for commands with --command-port or GHOST_COMMAND_PORT";
const NAME_NODES = "name the one for nodes with --gmp-port or GHOST_GMP_PORT";

Deno.test("ports of the wrong one", async (t) => {
  await using daemon = await startDaemon();

  await t.step(
    "a port that is GPMD's other one is said to be it, to the commands and to a node",
    async () => {
      const { commandPort, gmpPort } = daemon.settings;
      const env = { GHOST_HOME: daemon.settings.home };
      const swapped = await gpmd(env, "status", `--command-port=${gmpPort}`);
      assertEquals(swapped, {
        code: 1,
        stdout: "",
        stderr:
          `UNAUTHENTICATED: Cannot reach GPMD: port ${gmpPort} is GPMD's port for nodes; ${NAME_COMMANDS}; ` +
          `the GPMD of this store was last started with --command-port ${commandPort}\n`,
      });
      const node = await runCommand("gvm", ["run", "math", `--gmp-port=${commandPort}`], { env });
      const said =
        `UNAUTHENTICATED: Cannot reach GPMD: port ${commandPort} is GPMD's port for commands; ${NAME_NODES}; ` +
        `the GPMD of this store was last started with --gmp-port ${gmpPort}\n`;
      assertEquals([node.code, node.stderr], [1, said]);
    },
  );

  await t.step("where nothing listens, the port is named with which GPMD was last started", async () => {
    const { commandPort: wrong } = freePorts();
    const { code, stderr } = await gpmd(daemon.env, "status", `--command-port=${wrong}`);
    assertEquals([code, stderr], [
      1,
      `GPMD_NOT_RUNNING: Nothing listens on port ${wrong}; the GPMD of this store was last started with ` +
      `--command-port ${daemon.settings.commandPort}\n`,
    ]);
    const node = await runCommand("gvm", ["run", "math", `--gmp-port=${wrong}`], { env: daemon.env });
    assertEquals([node.code, node.stderr], [
      1,
      `GPMD_NOT_RUNNING: Nothing listens on port ${wrong}; the GPMD of this store was last started with ` +
      `--gmp-port ${daemon.settings.gmpPort}\n`,
    ]);
  });

  await t.step(
    "a second home is told apart from a foreign program, by start and by the other commands",
    async () => {
      using place = temporaryHome();
      const free = freePorts();
      const mine = { home: place.home, ...free };
      assertEquals((await gpmd(variables(mine), "start")).code, 0); // so that there is a secret
      assertEquals((await gpmd(variables(mine), "kill")).code, 0);
      using program = Deno.listen({ hostname: "127.0.0.1", port: 0 });
      const answers = (async () => {
        for await (const connection of program) {
          await connection.write(new TextEncoder().encode("220 mail.example ESMTP\r\n"));
          connection.close();
        }
      })();
      const held = program.addr.port;
      const { commandPort, gmpPort } = daemon.settings;
      const choose = "other ports with --command-port and --gmp-port\n";
      for (const foreground of [[], ["-nd"]]) {
        for (const ports of [{ ...free, commandPort }, { ...free, gmpPort }]) {
          const port = ports.commandPort === commandPort ? commandPort : gmpPort;
          const other = await gpmd(variables({ ...mine, ...ports }), "start", ...foreground);
          assertEquals([other.code, other.stderr], [
            1,
            `PORT_IN_USE: Cannot start GPMD: port ${port} is held by the GPMD of another store; ` +
            `stop that one with gpmd --home DIR kill, or choose ${choose}`,
          ]);
        }
        const foreign = await gpmd(variables({ ...mine, commandPort: held }), "start", ...foreground);
        assertEquals([foreign.code, foreign.stderr], [
          1,
          `PORT_IN_USE: Cannot start GPMD: port ${held} is held by another program; choose ${choose}`,
        ]);
      }
      const of = async (port: number) =>
        (await gpmd(variables({ ...mine, commandPort: port }), "status")).stderr;
      const mineIs = `; the GPMD of this store was last started with --command-port ${free.commandPort}\n`;
      assertEquals(
        await of(commandPort),
        `UNAUTHENTICATED: Cannot reach GPMD: port ${commandPort} is that of another store's GPMD; ` +
          `${NAME_COMMANDS}, or the other store with --home or GHOST_HOME${mineIs}`,
      );
      assertEquals(
        await of(held),
        `UNAUTHENTICATED: Cannot reach GPMD: port ${held} is held by another program; ${NAME_COMMANDS}${mineIs}`,
      );
      program.close();
      await answers;
    },
  );
});
