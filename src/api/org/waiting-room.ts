// How many requests may be held open at once: each looks at the database twice a second.

const MOST = 1000;
const MOST_FROM_ONE = 20;

export interface WaitingRoom {
  /** A seat, to be disposed of on leaving; undefined when the room, or its part for this network, is full. */
  enter(network: string): Disposable | undefined;
}

export function createWaitingRoom({ most = MOST, mostFromOne = MOST_FROM_ONE } = {}): WaitingRoom {
  const taken = new Map<string, number>();
  let all = 0;
  return {
    enter(network) {
      const here = taken.get(network) ?? 0;
      if (all >= most || here >= mostFromOne) return undefined;
      taken.set(network, here + 1);
      all += 1;
      return {
        [Symbol.dispose]() {
          const left = (taken.get(network) ?? 1) - 1;
          if (left === 0) taken.delete(network);
          else taken.set(network, left);
          all -= 1;
        },
      };
    },
  };
}
