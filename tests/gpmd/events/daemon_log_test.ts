import { assert, assertEquals, assertThrows } from "@std/assert";
import { GhostError } from "../../../gmp/errors.ts";
import { DaemonLog, MAX_LOG_SIZE } from "../../../gpmd/events/daemon_log.ts";
import { temporaryHome } from "../_modules.ts";

/** A home that is there. */
function madeHome(): ReturnType<typeof temporaryHome> {
  const place = temporaryHome();
  Deno.mkdirSync(place.home);
  return place;
}

Deno.test("lines are added to those of an earlier daemon, only the owner may read them", () => {
  using place = madeHome();
  for (const event of ["first", "second"]) {
    const log = new DaemonLog(place.home);
    log.write("info", event);
    log.close();
  }
  const text = Deno.readTextFileSync(`${place.home}/gpmd.log`);
  assertEquals(text.trim().split("\n").map((line) => line.split(" ")[2]), ["first", "second"]);
  assertEquals(Deno.statSync(`${place.home}/gpmd.log`).mode! & 0o777, 0o600);
});

Deno.test("a log that is full becomes the one before, and there are never more than two", () => {
  using place = madeHome();
  const log = new DaemonLog(place.home);
  const message = "x".repeat(1_000_000);
  for (let i = 0; i < 13; i++) log.write("info", `event-${i}`, { message });
  log.close();
  const first = (file: string) => Deno.readTextFileSync(`${place.home}/${file}`).split(" ", 3)[2];
  assertEquals([first("gpmd.log.1"), first("gpmd.log")], ["event-5", "event-10"]);
  assertEquals([...Deno.readDirSync(place.home)].length, 2);
  assert(Deno.statSync(`${place.home}/gpmd.log.1`).size <= MAX_LOG_SIZE);
});

Deno.test("where the full log cannot become the one before, it begins anew", () => {
  using place = madeHome();
  Deno.mkdirSync(`${place.home}/gpmd.log.1/something`, { recursive: true });
  const log = new DaemonLog(place.home);
  const message = "x".repeat(1_000_000);
  for (let i = 0; i < 7; i++) log.write("info", `event-${i}`, { message });
  log.close();
  assertEquals(Deno.readTextFileSync(`${place.home}/gpmd.log`).split(" ", 3)[2], "event-5");
  assert(Deno.statSync(`${place.home}/gpmd.log`).size <= MAX_LOG_SIZE);
});

Deno.test("every line is echoed, also while the file cannot be written, and the file is used again when it can", () => {
  using place = madeHome();
  const echoed: string[] = [];
  const log = new DaemonLog(place.home, (line) => echoed.push(line));
  log.close();
  Deno.removeSync(place.home, { recursive: true });
  log.write("info", "lost");
  Deno.mkdirSync(place.home);
  log.write("info", "written");
  log.close();
  assertEquals(echoed.map((line) => line.split(" ")[2]), ["lost", "written"]);
  assert(Deno.readTextFileSync(`${place.home}/gpmd.log`).trim().endsWith("written"));
});

Deno.test("a log that somebody has removed, or moved away, begins anew with the next line", () => {
  using place = madeHome();
  let now = 0;
  const log = new DaemonLog(place.home, undefined, () => now += 1000);
  const path = `${place.home}/gpmd.log`;
  for (
    const [event, remove] of [["first", Deno.removeSync], ["second", move], ["third", undefined]] as const
  ) {
    log.write("info", event);
    assertEquals(Deno.readTextFileSync(path).split(" ")[2], `${event}\n`);
    remove?.(path);
  }
  log.close();

  function move(path: string): void {
    Deno.renameSync(path, `${path}.old`);
  }
});

Deno.test("an echo that cannot be written costs nothing of the log", () => {
  using place = madeHome();
  const log = new DaemonLog(place.home, () => {
    throw new Error("No space left on device (os error 28)");
  });
  log.write("info", "written");
  log.close();
  assertEquals(Deno.readTextFileSync(`${place.home}/gpmd.log`).split(" ")[2], "written\n");
});

Deno.test("a symbolic link in the place of the log is refused", () => {
  using place = madeHome();
  Deno.symlinkSync("/etc/hosts", `${place.home}/gpmd.log`);
  assertThrows(() => new DaemonLog(place.home), GhostError, "symbolic link");
});
