// How often something may happen within a time, where counting must leave no trace in the database (decisions §1, identify).

const MOST_KEYS = 100_000;

export interface MemoryWindow {
  /** Counts one for this key at `now` (epoch ms); or, when it had its share, counts nothing and says for how many seconds to wait. */
  count(key: string, now: number): number | undefined;
}

/**
 * `most` times for each key within `windowMs` from its first. Takes bounded room: past `mostKeys` of them the one that
 * started longest ago starts anew, and only that one, so that a flood of keys opens the door for nobody else.
 */
export function createMemoryWindow({
  most,
  windowMs,
  mostKeys = MOST_KEYS,
}: {
  most: number;
  windowMs: number;
  mostKeys?: number;
}): MemoryWindow {
  const windows = new Map<string, Started>();
  // The same in the order in which they started, as a ring: a Map is slow to find its first after many deletions.
  const ring: (Started | undefined)[] = [];
  let [first, size] = [0, 0];
  const isOver = ({ startedAt }: Started, now: number) => startedAt <= now - windowMs || startedAt > now;

  function makeRoom(now: number): void {
    for (
      let oldest = ring[first];
      oldest && (size === mostKeys || isOver(oldest, now));
      oldest = ring[first]
    ) {
      // A key that started anew has a later place too.
      if (windows.get(oldest.key) === oldest) windows.delete(oldest.key);
      ring[first] = undefined;
      first = (first + 1) % mostKeys;
      size -= 1;
    }
  }

  return {
    count(key, now) {
      const window = windows.get(key);
      if (window && !isOver(window, now)) {
        if (window.count >= most) return Math.ceil((window.startedAt + windowMs - now) / 1000);
        window.count += 1;
        return undefined;
      }
      makeRoom(now);
      const started: Started = { key, startedAt: now, count: 1 };
      windows.set(key, started);
      ring[(first + size) % mostKeys] = started;
      size += 1;
      return undefined;
    },
  };
}

interface Started {
  key: string;
  startedAt: number;
  count: number;
}
