// How many requests may wait for something at once, and how many of them for clients of one network.

/** How many seats, and for how many from one network. */
export interface Seats {
  most: number;
  mostFromOne: number;
}

export interface WaitingRoom {
  /** A seat, to be disposed of on leaving; undefined when the room, or its part for this network, is full. */
  enter(network: string): Disposable | undefined;
}

export function createWaitingRoom({ most, mostFromOne }: Seats): WaitingRoom {
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
