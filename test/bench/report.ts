// The figures as a table, and whether they are good.
import type { Figure } from "./rows.ts";

/** With so many accounts more a figure may cost so many times as much. */
const MOST_GROWTH = 1.3;

export interface Sized {
  users: number;
  figures: Figure[];
}

/** Prints the table; false when a figure misses its target. */
export function report(runs: Sized[]): boolean {
  let isGood = true;
  console.log(["work".padEnd(58), "users", "ours", "limit", "ratio", "target", "growth"].map(cell).join(""));
  for (const { users, figures } of runs) {
    for (const figure of figures) {
      const before = runs[0]?.figures.find(({ work }) => work === figure.work);
      const growth = before && users !== runs[0]?.users ? costOf(figure) / costOf(before) : undefined;
      const good = meets(figure) && (growth === undefined || growth <= MOST_GROWTH || withinNoise(figure));
      isGood &&= good;
      const cells = [
        figure.work.padEnd(58),
        users.toLocaleString("en"),
        `${figure.ours.toFixed(figure.ours < 100 ? 1 : 0)} ${figure.unit}`,
        figure.limit === undefined ? "" : figure.limit.toFixed(figure.limit < 100 ? 1 : 0),
        figure.ratio?.toFixed(2) ?? "",
        target(figure),
        growth === undefined ? "" : `× ${growth.toFixed(2)}`,
      ];
      console.log(`${cells.map(cell).join("")}  ${good ? "good" : "NOT GOOD"}`);
    }
  }
  return isGood;
}

const cell = (text: string, i: number) => (i === 0 ? text : text.padStart(12));
const measured = ({ ratio, ours }: Figure) => ratio ?? ours;

function meets(figure: Figure): boolean {
  const { atLeast = 0, atMost = Infinity } = figure;
  return measured(figure) >= atLeast && measured(figure) <= atMost;
}

const target = ({ atLeast, atMost, unit }: Figure): string =>
  atLeast !== undefined ? `≥ ${atLeast}` : atMost !== undefined ? `≤ ${atMost} ${unit}` : "";

/** What one of it costs, in shares of what the machine allows where that was measured. */
const costOf = (figure: Figure): number => (figure.unit === "/s" ? 1 / measured(figure) : measured(figure));

/** Latencies of a few milliseconds at a thousand accounts double by a neighbour's doing; their own targets hold them. */
const withinNoise = ({ unit }: Figure): boolean => unit === "ms";
