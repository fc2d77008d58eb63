// A flood of refusals must not fill the disk. Of those that one source causes so many within a minute are written down; the others
// are counted, and the number is. In memory: a process that is killed forgets the count of its last minute.
import type { Client, Context, Keys } from "../context.ts";
import { type AuditEvent, isRefusal } from "./audit-events.ts";
import { createMemoryWindow, type MemoryWindow } from "./memory-window.ts";

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const MOST_SOURCES = 10_000;
/** Of the instance within an hour, in shares of a source within a minute: many sources are one flood. */
const INSTANCE_SHARES = 100;
/** Of one source within an hour: a few must not use up what all have, and then go on from elsewhere unseen. */
const SOURCE_SHARES = 5;

interface Flood {
  perSource: MemoryWindow;
  perSourceHour: MemoryWindow;
  perInstance: MemoryWindow;
  /** By source, since it was last told. */
  suppressed: Map<string, number>;
}

/** One for each open data directory, whichever transaction the context is of. */
const floods = new WeakMap<Keys, Flood>();

function floodOf({ keys, config }: Context): Flood {
  const known = floods.get(keys);
  if (known) return known;
  const most = config.audit.refusalsPerMinute;
  const fresh = {
    perSource: createMemoryWindow({ most, windowMs: MINUTE_MS, mostKeys: MOST_SOURCES }),
    perSourceHour: createMemoryWindow({
      most: most * SOURCE_SHARES,
      windowMs: HOUR_MS,
      mostKeys: MOST_SOURCES,
    }),
    perInstance: createMemoryWindow({ most: most * INSTANCE_SHARES, windowMs: HOUR_MS, mostKeys: 2 }),
    suppressed: new Map<string, number>(),
  };
  floods.set(keys, fresh);
  return fresh;
}

/**
 * Whether an event is to be written down; else it is counted. Refusals only: of one network (an IPv4 address, a /64), or of one user
 * where a valid credential says who it is. Requests that show nothing of worth have a share of their own, so that they cannot hide
 * sign-ins that fail.
 */
export function hasRoom(
  ctx: Context,
  { network }: Client,
  { event, actorId }: { event: AuditEvent; actorId?: string | undefined },
): boolean {
  if (!isRefusal(event)) return true;
  const { perSource, perSourceHour, perInstance } = floodOf(ctx);
  const now = ctx.now();
  const kind = event === "request.refused" ? "request" : "flow";
  const source = actorId ?? network;
  const isFull =
    perSource.count(`${kind} ${source}`, now) !== undefined ||
    perSourceHour.count(`${kind} ${source}`, now) !== undefined ||
    (actorId === undefined && perInstance.count(kind, now) !== undefined);
  if (isFull) suppress(ctx, source);
  return !isFull;
}

/** Counts a refusal that is not written down. */
export function suppress(ctx: Context, source: string, refusals = 1): void {
  const { suppressed } = floodOf(ctx);
  const key = suppressed.has(source) || suppressed.size < MOST_SOURCES ? source : "others";
  suppressed.set(key, (suppressed.get(key) ?? 0) + refusals);
}

export interface Suppressed {
  refusals: number;
  sources: number;
  /** The source of most of them, and of how many. */
  most: [source: string, refusals: number];
  /** Counts them again, as they could not be told. */
  giveBack: () => void;
}

/** What was counted since the last call; undefined when it is nothing. */
export function takeSuppressed(ctx: Context): Suppressed | undefined {
  const { suppressed } = floodOf(ctx);
  const counts = [...suppressed];
  suppressed.clear();
  const [first, ...others] = counts;
  if (!first) return undefined;
  const most = others.reduce((most, next) => (next[1] > most[1] ? next : most), first);
  return {
    refusals: counts.reduce((sum, [, count]) => sum + count, 0),
    sources: counts.length,
    most,
    giveBack: () => counts.forEach(([source, count]) => suppress(ctx, source, count)),
  };
}
