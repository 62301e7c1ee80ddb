import { assert, assertEquals, assertThrows } from "@std/assert";
import { GhostError } from "../../../gmp/errors.ts";
import { MAX_NODES } from "../../../gmp/messages/gpmd.ts";
import { NodeRegistry } from "../../../gpmd/daemon/registry.ts";

const ID = "217acd5a-63b4-44d4-9245-445509f7df02";

/** The code that `action` fails with. */
function codeOf(action: () => unknown): string {
  return assertThrows(action, GhostError).code;
}

Deno.test("a node is found by its name while it is registered", () => {
  const registry = new NodeRegistry();
  const generation = registry.register({ name: "node-5488", id: ID, port: 4000 }, 1_000);
  assertEquals(registry.locate("node-5488"), {
    name: "node-5488",
    id: ID,
    port: 4000,
    generation,
    registeredAt: 1_000,
  });
  assert(registry.release("node-5488", generation));
  assertEquals(codeOf(() => registry.locate("node-5488")), "NODE_NOT_FOUND");
  assertEquals(registry.discover(), []);
});

Deno.test("nodes are discovered in the order of their names, whatever the order they came in", () => {
  const registry = new NodeRegistry();
  const names = ["node-8399", "a", "node-5651", "z", "node-10", "b"];
  for (const name of names) registry.register({ name, id: ID, port: 1 }, 0);
  assertEquals(registry.discover(), ["a", "b", "node-10", "node-5651", "node-8399", "z"]);
  registry.release("node-10", registry.locate("node-10").generation);
  assertEquals(registry.discover(), ["a", "b", "node-5651", "node-8399", "z"]);
  assertEquals(registry.list().map(({ name }) => name), registry.discover());
});

Deno.test("what a caller does with the names does not change the registry", () => {
  const registry = new NodeRegistry();
  registry.register({ name: "a", id: ID, port: 1 }, 0);
  registry.discover().length = 0;
  assertEquals(registry.discover(), ["a"]);
});

Deno.test("a name is free again only when its node has left", () => {
  const registry = new NodeRegistry();
  const first = registry.register({ name: "node-1", id: ID, port: 1 }, 0);
  assertEquals(codeOf(() => registry.register({ name: "node-1", id: ID, port: 2 }, 0)), "NAME_TAKEN");
  registry.release("node-1", first);
  assert(registry.register({ name: "node-1", id: ID, port: 2 }, 0) > first);
});

Deno.test("the end of an old registration does not remove the one that took its name", () => {
  const registry = new NodeRegistry();
  const first = registry.register({ name: "node-1", id: ID, port: 1 }, 0);
  registry.release("node-1", first);
  registry.register({ name: "node-1", id: ID, port: 2 }, 0);
  assertEquals(registry.release("node-1", first), false);
  assertEquals(registry.locate("node-1").port, 2);
});

Deno.test("names, ids and ports are checked", () => {
  const registry = new NodeRegistry();
  const register = (name: unknown, id: unknown, port: unknown) =>
    codeOf(() => registry.register({ name, id, port } as Parameters<NodeRegistry["register"]>[0], 0));
  for (const name of ["", "../../x", "Node", "a".repeat(65), 7, undefined, "__proto__"]) {
    assertEquals(register(name, ID, 1), "INVALID_NAME");
  }
  for (const id of ["", ID.toUpperCase(), ID + "0", 7, undefined]) {
    assertEquals(register("a", id, 1), "BAD_REQUEST");
  }
  for (const port of [0, 65_536, 1.5, -1, NaN, "80", 80n, undefined]) {
    assertEquals(register("a", ID, port), "BAD_REQUEST");
  }
  assertEquals(registry.size, 0);
  registry.register({ name: "a", id: ID, port: 65_535 }, 0);
});

Deno.test("an unknown name gets the closest one as a suggestion", () => {
  const registry = new NodeRegistry();
  for (const name of ["node-5651", "node-8399"]) registry.register({ name, id: ID, port: 1 }, 0);
  const error = assertThrows(() => registry.locate("node-8398"), GhostError, 'did you mean "node-8399"?');
  assertEquals(error.details, { suggestion: "node-8399" });
  assertEquals(assertThrows(() => registry.locate("printer"), GhostError).details, undefined);
  assertEquals(codeOf(() => registry.locate("../x")), "INVALID_NAME");
});

Deno.test("the registry counts what happened", () => {
  const registry = new NodeRegistry();
  const generation = registry.register({ name: "a", id: ID, port: 1 }, 0);
  registry.register({ name: "b", id: ID, port: 1 }, 0);
  codeOf(() => registry.register({ name: "a", id: ID, port: 1 }, 0));
  registry.locate("a");
  codeOf(() => registry.locate("c"));
  registry.release("a", generation);
  registry.release("a", generation);
  assertEquals(registry.counts, { registered: 2, released: 1, refused: 1, located: 1, missed: 1 });
  assertEquals(registry.size, 1);
});

Deno.test("a full registry refuses more nodes, serves those it has, and has room again when one leaves", () => {
  const registry = new NodeRegistry();
  for (let i = 0; i < MAX_NODES; i++) registry.register({ name: `node-${i}`, id: ID, port: 1 }, 0);
  const error = assertThrows(() => registry.register({ name: "more", id: ID, port: 1 }, 0), GhostError);
  assertEquals([error.code, error.retryable], ["TOO_MANY_CONNECTIONS", true]);
  assertEquals(registry.discover().length, MAX_NODES);
  assertEquals(registry.locate("node-777").port, 1);
  assertEquals(
    assertThrows(() => registry.locate("node-777x"), GhostError).details,
    { suggestion: "node-777" },
  );
  registry.release("node-777", registry.locate("node-777").generation);
  registry.register({ name: "more", id: ID, port: 1 }, 0);
});
