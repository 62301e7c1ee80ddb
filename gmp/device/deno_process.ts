import { HUGE_PAGES } from "./huge_pages.ts";

/** The variables by which Deno finds what it has cached (deno.com, "Environment variables"), beside that of the home. */
export const DENO_VARIABLES = ["DENO_DIR", "XDG_CACHE_HOME"] as const;

/** What a process of Deno gets of the environment, where it may be read at all. */
const PASSED_ON = [...DENO_VARIABLES, "HOME", "PATH"] as const;

/**
 * The Deno that runs this very process, where the permission to run programs names it; else whatever `deno` comes first on
 * the PATH, which is all that `--allow-run=deno` allows where that is a link or a script.
 */
export function denoProgram(): string {
  try {
    const path = Deno.execPath();
    if (Deno.permissions.querySync({ name: "run", command: path }).state === "granted") return path;
  } catch (error) {
    // The path itself may be read with a permission only.
    if (!(error instanceof Deno.errors.NotCapable)) throw error;
  }
  return "deno";
}

/** The environment of a process, as `Deno.Command` takes it. */
interface Environment {
  readonly clearEnv: boolean;
  readonly env: Readonly<Record<string, string>>;
}

let environment: Environment | undefined;

/**
 * The environment of our processes: empty, but for where Deno finds its cache and how memory is made. What is there at the
 * first call stays: a command calls this before it gives up the right to read variables. Windows needs its own to open a
 * socket, so there all is passed on.
 */
export function processEnvironment(): Environment {
  return environment ??= {
    clearEnv: Deno.build.os !== "windows",
    env: { ...Object.fromEntries(PASSED_ON.flatMap(readVariable)), ...HUGE_PAGES },
  };
}

function readVariable(name: string): [name: string, value: string][] {
  if (Deno.permissions.querySync({ name: "env", variable: name }).state !== "granted") return [];
  const value = Deno.env.get(name);
  return value === undefined ? [] : [[name, value]];
}
