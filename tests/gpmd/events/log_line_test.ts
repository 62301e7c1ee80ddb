import { assertEquals } from "@std/assert";
import { formatLine, parseLine } from "../../../gpmd/events/log_line.ts";

Deno.test("a line has time, level, event and fields, whatever is in them", () => {
  const time = new Date(0);
  const fields = { name: "node-1", port: 4001, ok: true, none: undefined };
  assertEquals(
    formatLine(time, "info", "node.registered", fields),
    "1970-01-01T00:00:00.000Z info node.registered name=node-1 port=4001 ok=true",
  );
  assertEquals(
    formatLine(time, "warn", "fault", { message: 'a "b"\n\x1b[31mé\u202e', empty: "" }),
    '1970-01-01T00:00:00.000Z warn fault message="a \\"b\\"\\n\\u001b[31m\\u00e9\\u202e" empty=""',
  );
});

Deno.test("a line of the log is an object again, whatever its fields", () => {
  const time = new Date(0);
  const looks = { one: "007", other: "1", third: "true", fourth: "-1.5" };
  const fields = { name: "node-1", port: 4001, ok: true, message: 'a "b" c=1\\\n', empty: "", ...looks };
  assertEquals(parseLine(formatLine(time, "warn", "fault", fields)), {
    time: "1970-01-01T00:00:00.000Z",
    level: "warn",
    event: "fault",
    ...fields,
  });
  assertEquals(parseLine("not of ours"), { event: "not of ours" });
  for (const name of ["007", '"half', String.raw`"a \2026"`]) {
    assertEquals(parseLine(`2026-11-28T00:00:00.000Z info node.registered name=${name}`).name, name);
  }
});
