/** Starts the link of a device as commands do, and ends it. */
import { fromFileUrl } from "@std/path";
import { readSettings } from "../../gmp/device/settings.ts";
import { launchLink } from "../../gpmd/start/launch_link.ts";
import { type Argument, serveActions } from "../agent.ts";
import { isRunning, withDescendants } from "../processes.ts";
import { until } from "../waiting.ts";

/** Beside the bundles of the commands, which the bench measures. */
const BUNDLE = fromFileUrl(new URL("../../dist/link.js", import.meta.url));
const settings = readSettings({}, (name) => Deno.env.get(name));

/** Ends a keeper, with which its link ends. */
async function end(keeper: Argument): Promise<void> {
  const pids = withDescendants(Number(keeper));
  Deno.kill(Number(keeper), "SIGKILL");
  await until("the end of a link", () => Promise.resolve(!pids.some(isRunning)));
}

serveActions({
  end,
  /** Milliseconds until a link for that network serves, which is ended again. */
  start: async (network) => {
    const start = performance.now();
    await launchLink(settings, { link: { port: 5990, networks: [String(network)] }, bundle: BUNDLE });
    const time = performance.now() - start;
    await end(withDescendants(Deno.pid)[1]!);
    return [time];
  },
});
