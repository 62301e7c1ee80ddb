/** The service under a real systemd: a user's manager, in namespaces that end with it. */
import { assertEquals, assertMatch, assertNotEquals } from "@std/assert";
import { freePorts, variables } from "../../tools/daemon_process.ts";
import { GPMD } from "../../tools/gpmd_command.ts";
import { canMount } from "../../tools/mounts.ts";
import { temporaryHome } from "../_modules.ts";

const MANAGER = "/lib/systemd/systemd";
const hasSystemd = await Deno.stat(MANAGER).then(() => true, () => false);

/** Starts the manager, waits until it can be asked, and runs the commands of the test, whose first argument is `gpmd`. */
const SCRIPT = `
mount -t tmpfs tmpfs /run
mkdir -p /run/systemd/system "$XDG_RUNTIME_DIR"
chmod 700 "$XDG_RUNTIME_DIR"
${MANAGER} --user --log-target=null >/dev/null 2>&1 &
for _ in $(seq 200); do
  [ -S "$XDG_RUNTIME_DIR/systemd/private" ] && break
  kill -0 $! 2>/dev/null || { echo "no manager"; exit 0; }
  sleep 0.05
done
mkdir -p "$HOME/.config/systemd/user"
printf '[Service]\\nType=oneshot\\nExecStart=/bin/true\\n' > "$HOME/.config/systemd/user/probe.service"
systemctl --user start probe.service 2>/dev/null || { echo "no manager"; exit 0; }
main() { systemctl --user show -p MainPID --value gpmd.service; }
set -e
"$@" service --install --systemd
"$@" status | sed -n 1p
main
"$@" restart
"$@" status | sed -n 1p
main
"$@" service --install --systemd
"$@" service --uninstall --systemd
"$@" status 2>&1 || true
`;

Deno.test({
  name:
    "a real systemd starts GPMD by the time it is installed, and has it after a restart, and not when it is uninstalled",
  ignore: !hasSystemd || !await canMount(), // `apt-get install systemd`
  async fn() {
    using place = temporaryHome();
    const home = await Deno.makeTempDir({ prefix: "ghost-systemd-" });
    try {
      const { stdout, stderr } = await new Deno.Command("unshare", {
        args: [
          "-rm",
          "-pf",
          "--mount-proc",
          "--kill-child",
          "bash",
          "-c",
          SCRIPT,
          "bash",
          Deno.execPath(),
          ...GPMD,
        ],
        env: {
          HOME: home,
          XDG_RUNTIME_DIR: "/run/user/0",
          DBUS_SESSION_BUS_ADDRESS: "",
          ...variables({ home: place.home, ...freePorts() }),
        },
      }).output();
      const said = new TextDecoder().decode(stdout);
      if (said === "no manager\n") {
        console.log(`skipped: ${MANAGER} --user does not start here`);
        return;
      }
      const file = `${home}/.config/systemd/user/gpmd.service`;
      const isService = `GPMD is a service now, and starts at every login: ${file}`;
      const [installed, first, main, restarted, second, mainAfter, again, removed, gone] = said.split("\n");
      assertEquals([installed, restarted, again], [isService, "GPMD has been restarted.", isService], said);
      assertMatch(first!, /^Pid +\d+$/);
      assertNotEquals(first, second);
      assertMatch(main!, /^[1-9]\d*$/);
      assertEquals(mainAfter, main);
      assertEquals(removed, `The service is stopped and removed: ${file}`);
      assertMatch(gone!, /^GPMD_NOT_RUNNING/);
      assertEquals(new TextDecoder().decode(stderr), "");
    } finally {
      await Deno.remove(home, { recursive: true });
    }
  },
});
