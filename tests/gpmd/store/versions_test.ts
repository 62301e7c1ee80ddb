import { assertEquals } from "@std/assert";
import { compareVersions, latestVersion } from "../../../gpmd/store/versions.ts";

Deno.test("versions are ordered by semantic version, with or without a v", () => {
  const ordered = ["0.9.0", "v1.0.0-alpha", "v1.0.0-alpha.2", "1.0.0-alpha.10", "1.0.0", "v1.2.0", "v1.10.0"];
  assertEquals(ordered.toReversed().sort(compareVersions), ordered);
});

Deno.test("the latest is the highest, not the last", () => {
  assertEquals(latestVersion(["v0.0.1", "v0.10.0", "v0.9.0"]), "v0.10.0");
  assertEquals(latestVersion(["v2.0.0-rc.1", "v1.0.0"]), "v2.0.0-rc.1");
  assertEquals(latestVersion([]), undefined);
});
