// Of rows of the audit log that are not as they were written: which of them were written so in another place.
import type { Context } from "../context.ts";
import { type AuditRow, isGenuine, isPlace } from "../core/audit-chain.ts";
import type { Fault } from "./verify-audit.ts";

/** Each suspect is tried in each place: so many of both at most. */
const MOST = 200;

const SUSPECT: ReadonlySet<Fault["kind"]> = new Set(["edited", "inserted"]);

/** Turns `edited` into `moved` for rows that are genuine in one of the places that are empty or hold another suspect. */
export function whereMoved(ctx: Context, faults: Fault[], suspects: readonly AuditRow[]): void {
  const places = placesOf(faults);
  for (const row of suspects.slice(0, MOST)) {
    const from = places.find((seq) => seq !== row.seq && isGenuine(ctx, { ...row, seq }));
    const found = faults.find(({ kind, seq, id }) => SUSPECT.has(kind) && seq === row.seq && id === row.id);
    if (from === undefined || !found) continue;
    found.kind = "moved";
    found.text = `row ${row.seq} was written as row ${from}`;
  }
}

function placesOf(faults: readonly Fault[]): number[] {
  const places = new Set<number>();
  for (const { kind, seq, upTo = seq } of faults) {
    if (!isPlace(seq) || !isPlace(upTo) || !(SUSPECT.has(kind) || kind === "missing")) continue;
    for (let place = seq; place <= upTo && places.size < MOST; place++) places.add(place);
  }
  return [...places];
}
