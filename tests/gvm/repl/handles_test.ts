import { assertEquals } from "@std/assert";
import { Resource } from "../../../gvm/calls/resource.ts";
import { Handles } from "../../../gvm/repl/handles.ts";

Deno.test("a resource that a person has named stays when there are too many, and the oldest of the others is dropped", async () => {
  const dropped: number[] = [];
  const owner = { isOpen: true, drop: (handle: number) => Promise.resolve(void dropped.push(handle)) };
  const place = { on: undefined, module: { module: "greeter" } };
  const handles = new Handles();
  const make = (handle: number) => handles.of(new Resource(owner, "counter", handle), "counter", place);
  handles.assign("c", make(1));
  for (let handle = 2; handle <= 10_002; handle++) make(handle);
  assertEquals(dropped, [2, 3]);
  assertEquals(handles.get("c")?.value.handle, 1);
  assertEquals(handles.get("counter#1"), handles.get("c"));
  assertEquals([handles.get("counter#2"), handles.get("counter#4")?.value.handle], [undefined, 4]);
  await handles.drop("c");
  make(10_003);
  assertEquals(dropped, [2, 3, 1, 4]);
});
