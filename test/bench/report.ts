// The figures as a table, and whether they are good.
import type { Figure } from "./rows.ts";

export interface Sized {
  users: number;
  figures: Figure[];
}

/** Prints the table; false when a figure misses its target. */
export function report(runs: Sized[]): boolean {
  let isGood = true;
  console.log(["work".padEnd(58), "users", "ours", "limit", "ratio", "target"].map(cell).join(""));
  for (const { users, figures } of runs) {
    for (const figure of figures) {
      const good = meets(figure);
      isGood &&= good;
      const cells = [
        figure.work.padEnd(58),
        users.toLocaleString("en"),
        `${figure.ours.toFixed(figure.ours < 100 ? 1 : 0)} ${figure.unit}`,
        figure.limit === undefined ? "" : figure.limit.toFixed(figure.limit < 100 ? 1 : 0),
        figure.ratio?.toFixed(2) ?? "",
        target(figure),
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

const target = ({ atLeast, atMost, unit, ratio }: Figure): string =>
  atLeast !== undefined
    ? `≥ ${Number(atLeast.toFixed(2))}`
    : atMost !== undefined
      ? `≤ ${atMost}${ratio === undefined ? ` ${unit}` : ""}`
      : "";
