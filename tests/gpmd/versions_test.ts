import { assertEquals } from "@std/assert";
import { compareVersions, latestVersion } from "../../gpmd/versions.ts";

Deno.test("versions are ordered by semantic version, with or without a v", () => {
  const ordered = ["0.9.0", "v1.0.0-alpha", "v1.0.0-alpha.2", "1.0.0-alpha.10", "1.0.0", "v1.2.0", "v1.10.0"];
  assertEquals(ordered.toReversed().sort(compareVersions), ordered);
});

Deno.test("what is no semantic version stands below all that are, in natural order", () => {
  const ordered = ["build-9", "build-10", "nightly", "0.0.1", "v0.0.2"];
  assertEquals(["v0.0.2", "nightly", "build-10", "0.0.1", "build-9"].sort(compareVersions), ordered);
});

Deno.test("two ways to write one version have an order of their own", () => {
  assertEquals(["v1.0.0", "1.0.0"].sort(compareVersions), ["1.0.0", "v1.0.0"]);
  assertEquals(["b01", "b1"].sort(compareVersions), ["b1", "b01"].sort(compareVersions));
});

Deno.test("the latest is the highest, not the last", () => {
  assertEquals(latestVersion(["v0.0.1", "v0.10.0", "v0.9.0"]), "v0.10.0");
  assertEquals(latestVersion(["v2.0.0-rc.1", "v1.0.0"]), "v2.0.0-rc.1");
  assertEquals(latestVersion([]), undefined);
});
