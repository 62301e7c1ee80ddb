import type { Arena } from "./arena.ts";
import { type Ends, place, type Placement } from "./placement.ts";
import { median, quantile, spread } from "./statistics.ts";

/** One of those that are measured side by side. */
export interface Contestant {
  readonly name: string;
  /** Its processes, where the row is measured in several placements. */
  readonly ends?: Ends;
  /** Measures once: one value, or one of each call, in the unit of the row. */
  measure(): Promise<readonly number[]>;
}

/** A contestant that is not there, and what brings it. */
export interface Missing {
  readonly name: string;
  readonly missing: string;
}

/** What the first contestant of a row is to reach, as a ratio to another. */
export interface Target {
  readonly than: string;
  readonly atMost?: number;
  readonly atLeast?: number;
}

/** What is measured side by side. */
export interface Row {
  readonly id: string;
  readonly title: string;
  readonly unit: string;
  /** More is better, as of calls a second; less is by default. */
  readonly more?: boolean;
  readonly targets?: readonly Target[];
  /** Whether it matters where the two ends run. */
  readonly placed?: boolean;
  /** Rounds in which every contestant is measured once, and those that are thrown away before them. */
  readonly rounds: number;
  readonly warmUp: number;
  /** Those who are measured, the one who is compared with all others first; nobody where there is nothing to measure. */
  contestants(arena: Arena): Promise<readonly (Contestant | Missing)[]>;
}

/** What one contestant was measured at, in the unit of the row. */
export interface Figure {
  readonly name: string;
  /** The median of the medians of all rounds. */
  readonly median: number;
  /** The median of what 99 % of the calls of a round are below; absent where a round has less than 100. */
  readonly p99?: number;
  /** Half the distance between the quartiles of the rounds, as a share of the median. */
  readonly spread: number;
  /** The median of each round. */
  readonly rounds: readonly number[];
  /** The first contestant's value divided by this one's: the median of the ratios of all rounds. Absent for the first. */
  readonly ratio?: number;
}

/** What became of a target. */
export interface Verdict extends Target {
  readonly ratio: number;
  readonly met: boolean;
}

/** A row in one placement. */
export interface Result {
  readonly row: string;
  readonly title: string;
  readonly unit: string;
  readonly more: boolean;
  readonly placement?: Placement;
  readonly figures: readonly Figure[];
  readonly missing: readonly Missing[];
  readonly verdicts: readonly Verdict[];
}

/** The least calls of a round of which 99 % say something. */
const ENOUGH = 100;

/** Measures a row in rounds, in each of which every contestant has its turn in every placement. */
export async function measureRow(
  row: Row,
  arena: Arena,
  placements: readonly Placement[],
): Promise<Result[]> {
  const all = await row.contestants(arena);
  const missing = all.filter((one) => "missing" in one);
  const contestants = all.filter((one) => "measure" in one);
  const places: readonly (Placement | undefined)[] = row.placed ? placements : [undefined];
  const rounds = arena.quick ? Math.min(row.rounds, 2) : row.rounds;
  const warmUp = arena.quick ? Math.min(row.warmUp, 1) : row.warmUp;
  const taken = places.map(() => contestants.map((): number[][] => []));
  for (let round = -warmUp; round < rounds; round++) {
    for (const [p, placement] of places.entries()) {
      for (const { ends } of contestants) {
        if (placement !== undefined && ends !== undefined) await place(ends, placement);
      }
      // Nobody always has the turn after the same one.
      for (let turn = 0; turn < contestants.length; turn++) {
        const c = (turn + round + warmUp) % contestants.length;
        const values = await contestants[c]!.measure();
        if (round >= 0) taken[p]![c]!.push([...values]);
      }
    }
  }
  if (contestants.length === 0) return [];
  return places.map((placement, p) => summarize(row, placement, contestants, missing, taken[p]!));
}

function summarize(
  row: Row,
  placement: Placement | undefined,
  contestants: readonly Contestant[],
  missing: readonly Missing[],
  taken: readonly (readonly number[][])[],
): Result {
  const medians = taken.map((rounds) => rounds.map(median));
  const figures = contestants.map(({ name }, c): Figure => {
    const rounds = medians[c]!;
    const many = taken[c]!.every((values) => values.length >= ENOUGH);
    return {
      name,
      median: median(rounds),
      ...(many ? { p99: median(taken[c]!.map((values) => quantile(values, 0.99))) } : {}),
      spread: rounds.length > 1 ? spread(rounds) : 0,
      rounds,
      ...(c > 0 ? { ratio: median(rounds.map((value, round) => medians[0]![round]! / value)) } : {}),
    };
  });
  const verdicts = (row.targets ?? []).flatMap((target): Verdict[] => {
    const ratio = figures.find(({ name }) => name === target.than)?.ratio;
    if (ratio === undefined) return [];
    const met = ratio <= (target.atMost ?? Infinity) && ratio >= (target.atLeast ?? -Infinity);
    return [{ ...target, ratio, met }];
  });
  const { id, title, unit, more = false } = row;
  return { row: id, title, unit, more, ...(placement ? { placement } : {}), figures, missing, verdicts };
}
