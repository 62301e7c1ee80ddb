import { assertEquals } from "@std/assert";
import { NodeEvents } from "../../../gvm/node/node_events.ts";

Deno.test("a listener hears of its events until it does not want to", () => {
  const events = new NodeEvents();
  const heard: string[] = [];
  const stop = events.on("connect", ({ name }) => heard.push(name));
  events.emit("connect", { name: "one" });
  events.emit("gpmd", { state: "lost" });
  stop();
  events.emit("connect", { name: "two" });
  assertEquals(heard, ["one"]);
});

Deno.test("what a listener throws is reported, and neither the others nor the node miss anything", () => {
  const events = new NodeEvents();
  const heard: string[] = [];
  const reported: unknown[] = [];
  const report = (event: ErrorEvent) => {
    event.preventDefault();
    reported.push(event.error);
  };
  globalThis.addEventListener("error", report);
  try {
    const error = new Error("a mistake of the program");
    events.on("connect", () => {
      throw error;
    });
    events.on("connect", ({ name }) => heard.push(name));
    events.emit("connect", { name: "one" });
    assertEquals([reported, heard], [[error], ["one"]]);
  } finally {
    globalThis.removeEventListener("error", report);
  }
});

Deno.test("a listener that begins anew while it is called hears of the next event, and of this one no more", () => {
  const events = new NodeEvents();
  const heard: string[] = [];
  const listen = ({ name }: { readonly name: string }) => {
    heard.push(name);
    stop();
    if (heard.length < 10) stop = events.on("connect", listen);
  };
  let stop = events.on("connect", listen);
  events.emit("connect", { name: "one" });
  events.emit("connect", { name: "two" });
  assertEquals(heard, ["one", "two"]);
});
