/**
 * Where the two ends of a call run. On two cores a round trip costs two wake-ups of a sleeping core, on one core two
 * switches between processes: that differs by a factor, and a scheduler that is left alone changes its mind from second to
 * second. So every contestant of a row is measured in each placement, in the same rounds, both its ends treated alike.
 */
export type Placement = "apart" | "together" | "free";

/** All of them: each end on a core of its own, both on one, or wherever the scheduler has them. */
const PLACEMENTS: readonly Placement[] = ["apart", "together", "free"];

/** The processes at both ends of a call. */
export interface Ends {
  /** Those of the caller. */
  caller(): number[];
  /** Those of the called. */
  called(): number[];
}

/** The placements that can be made here. */
export async function possiblePlacements(): Promise<readonly Placement[]> {
  return navigator.hardwareConcurrency > 1 && await pin(Deno.pid, allCores()) ? PLACEMENTS : ["free"];
}

/** Puts both ends in their place, with all their threads. */
export async function place({ caller, called }: Ends, placement: Placement): Promise<void> {
  const [here, there] =
    { apart: ["0", "1"], together: ["0", "0"], free: [allCores(), allCores()] }[placement];
  const pins = [
    ...caller().map((pid) => [pid, here!] as const),
    ...called().map((pid) => [pid, there!] as const),
  ];
  await Promise.all(pins.map(([pid, cores]) => pin(pid, cores)));
}

function allCores(): string {
  return `0-${navigator.hardwareConcurrency - 1}`;
}

/** False where there is no `taskset` (util-linux), or the process has ended. */
async function pin(pid: number, cores: string): Promise<boolean> {
  try {
    const args = ["--all-tasks", "--cpu-list", "--pid", cores, String(pid)];
    const { success } = await new Deno.Command("taskset", { args, stdout: "null", stderr: "null" }).output();
    return success;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false;
    throw error;
  }
}
