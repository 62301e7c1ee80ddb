import { assertEquals } from "@std/assert";
import { developmentVersion } from "../../../gpmd/cli/development_version.ts";
import { latestVersion } from "../../../gpmd/store/versions.ts";

Deno.test("a development version leads to the version that is wanted, or to the next patch", () => {
  const cases: [versions: string[], wanted: string | undefined, expected: string][] = [
    [[], undefined, "v0.0.1-dev.1"],
    [[], "1.0.0", "v1.0.0-dev.1"],
    [["v0.0.1"], undefined, "v0.0.2-dev.1"],
    [["v0.0.1"], "v0.0.1", "v0.0.2-dev.1"],
    [["v0.0.1"], "v0.1.0", "v0.1.0-dev.1"],
    [["v0.0.1", "v0.0.2-dev.9"], undefined, "v0.0.2-dev.10"],
    [["v0.0.1", "v0.0.2-dev.9"], "v0.0.2", "v0.0.2-dev.10"],
    [["v0.0.2-dev.9", "v0.0.2"], "v0.0.2", "v0.0.3-dev.1"],
    [["v2.0.0", "v0.0.1"], "v0.0.2", "v2.0.1-dev.1"],
    [["1.0.0-rc.1"], undefined, "v1.0.0-rc.1.dev.1"],
    [["1.0.0-rc.1"], "1.0.0", "v1.0.0-rc.1.dev.1"],
  ];
  for (const [versions, wanted, expected] of cases) {
    const version = developmentVersion(versions, wanted);
    assertEquals(version, expected);
    assertEquals(latestVersion([...versions, version]), expected);
  }
});
