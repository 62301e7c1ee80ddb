import { assert, assertEquals, assertRejects, assertStringIncludes, assertThrows } from "@std/assert";
import { GhostError } from "../../../gmp/errors.ts";
import { encodeBody } from "../../../gmp/frames/body.ts";
import { Kind, SESSION_CAPS } from "../../../gmp/frames/frame.ts";
import type { Grant } from "../../../gmp/messages/grants.ts";
import { LONGEST_WHAT } from "../../../gmp/messages/grants.ts";
import { MESSAGES } from "../../../gmp/messages/messages.ts";
import { MAX_GRANTS, MAX_GRANTS_SIZE, withGrants } from "../../../gpmd/grants/grant_list.ts";
import {
  formatGrants,
  GRANTS_FILE,
  MAX_FILE_SIZE,
  parseGrants,
  readGrants,
} from "../../../gpmd/grants/grants_file.ts";
import { launchDaemon } from "../../../gpmd/start/launch.ts";
import { temporaryHome } from "../_modules.ts";

const GRANTS: Grant[] = [
  { subject: "local", what: "*" },
  { subject: "node-1@laptop", what: 'math."a \\u{1b}\\"b"', time: 5000, memory: 1 << 26 },
];

Deno.test("a file of grants is read as it was written, and is there for people to read", () => {
  assertEquals(parseGrants(formatGrants(GRANTS), "f"), GRANTS);
  assertEquals(parseGrants(formatGrants([]), "f"), []);
  assertStringIncludes(formatGrants(GRANTS), '\n    {"subject":"local","what":"*"},\n');
});

Deno.test("a file that is not as it should be grants nothing", () => {
  const file = (...grants: unknown[]) => JSON.stringify({ format: 1, grants });
  const [local] = GRANTS;
  const rows: [text: string, reason: string][] = [
    ["", "not JSON"],
    [formatGrants(GRANTS).slice(0, -5), "not JSON"],
    ["[]", "not an object"],
    ["{}", "format undefined"],
    ['{"format":2,"grants":[]}', "has format 2, which this version of GPMD does not know"],
    ['{"format":1}', "not a list"],
    ['{"format":1,"grants":[],"denied":[]}', 'has a "denied"'],
    [file(1), "grant 1 is not an object"],
    [file(local, { subject: "local" }), 'grant 2 is wrong. Cannot read the message: "what" is missing'],
    [file({ ...local, until: "2027" }), 'grant 1 has a "until"'],
    [file({ ...local, subject: "a@b@c" }), "grant 1 is wrong"],
    [file({ ...local, what: "math.**" }), "grant 1 is wrong"],
    [file({ ...local, what: "math#add" }), "written otherwise"],
    [file({ ...local, time: 0 }), '"time" is not an integer from 1'],
    [file({ ...local, memory: 1.5 }), '"memory" is not an integer'],
    [file(local, { ...local, time: 9 }), "grant 2 is there twice"],
    [file(...Array(MAX_GRANTS + 1).fill(local)), `at most ${MAX_GRANTS}`],
  ];
  for (const [text, reason] of rows) {
    const error = assertThrows(() => parseGrants(text, "f"), GhostError, reason);
    assertEquals(error.code, "STORE_FAULT");
    assertStringIncludes(error.message, 'Cannot use the grants "f": ');
  }
});

Deno.test("without a file, this device's nodes may do as they please; with a broken one, GPMD does not start", async () => {
  using place = temporaryHome();
  Deno.mkdirSync(place.home, { mode: 0o700, recursive: true });
  const path = `${place.home}/${GRANTS_FILE}`;
  assertEquals((await readGrants(place.home)).map(({ subject, what }) => `${subject} ${what}`), [
    "local *",
    "local ship",
    "local modules",
  ]);
  const faults: [make: () => void, reason: string][] = [
    [() => Deno.writeTextFileSync(path, "{"), "it is not JSON"],
    [() => Deno.truncateSync(path, MAX_FILE_SIZE + 1), "it has more than"],
    [() => (Deno.removeSync(path), Deno.symlinkSync("/dev/null", path)), "not a file of the store's own"],
    [() => (Deno.removeSync(path), Deno.mkdirSync(path)), "not a file of the store's own"],
  ];
  for (const [make, reason] of faults) {
    make();
    const error = await assertRejects(() => readGrants(place.home), GhostError, reason);
    assertEquals(error.code, "STORE_FAULT");
    const start = () =>
      launchDaemon({ home: place.home, commandPort: 0, gmpPort: 0 }, { attached: true, echo: false });
    assertEquals((await assertRejects(start, GhostError, reason)).code, "STORE_FAULT");
  }
  Deno.removeSync(path);
  Deno.writeTextFileSync(path, formatGrants(GRANTS));
  assertEquals(await readGrants(place.home), GRANTS);
});

Deno.test("all grants that there may be fit into one request, and into the file", () => {
  const size = (grants: Grant[]) => encodeBody(MESSAGES["grants.apply"].request.encode({ grants })).length;
  const limits = { time: 2 ** 31 - 1, memory: 2 ** 34 };
  let grants: Grant[] = [];
  const subject = `${"n".repeat(64)}@${"d".repeat(64)}`;
  const longest = Array.from({ length: 1000 }, (_, i) => `m.f${`${i}`.padEnd(LONGEST_WHAT - 3, "x")}`);
  const full = assertThrows(() => {
    grants = withGrants([], { subject, what: longest.slice(0, 500), ...limits });
    for (const what of longest.slice(500)) grants = withGrants(grants, { subject, what: [what], ...limits });
  }, GhostError);
  assertEquals(full.code, "RESOURCE_EXHAUSTED");
  assert(size(grants) > MAX_GRANTS_SIZE - 1000);
  assert(MAX_GRANTS_SIZE <= SESSION_CAPS[Kind.REQUEST]!);
  assert(formatGrants(grants).length < MAX_FILE_SIZE);

  const many = Array.from({ length: MAX_GRANTS }, (_, i) => `m.f${i}`);
  grants = withGrants([], { subject: "a@b", what: many, time: 5000, memory: 1 << 26 });
  assertEquals(MESSAGES["grants.apply"].request.decode(MESSAGES["grants.apply"].request.encode({ grants })), {
    grants,
  });
  assert(4 + 5 * MAX_GRANTS <= 16_384, "values of a REQUEST");
  assertThrows(
    () => withGrants(grants, { subject: "a@b", what: ["m.g"] }),
    GhostError,
    "3000 grants already",
  );
  assertEquals(
    withGrants(grants, { subject: "a@b", what: ["m.f1"], time: 1 }).length,
    MAX_GRANTS,
    "one is replaced",
  );
});
