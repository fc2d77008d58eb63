// argon2id (RFC 9106) in low-priority Workers behind a bounded queue.
import { availableParallelism } from "node:os";
import { Unavailable } from "../errors.ts";
import { startWorker } from "../workers.ts";

/** Memory in KiB, number of passes; one lane (OWASP Password Storage). */
export interface Argon2Cost {
  memoryKib: number;
  passes: number;
}

export type Argon2Job =
  { kind: "hash"; password: string; cost: Argon2Cost } | { kind: "verify"; password: string; phc: string };
export type Argon2Answer = { phc: string } | { matches: boolean } | { failed: string };

export interface Argon2 {
  /** A PHC string with a fresh salt. */
  hash(password: string): Promise<string>;
  /** Whether the password belongs to the PHC string. Throws Error on a malformed one. */
  verify(password: string, phc: string): Promise<boolean>;
}

export interface Hasher {
  /**
   * Runs `work`, which may hash and verify, when there is a place left; throws Unavailable at once when there is none. What
   * a caller does before hashing, such as counting a try, belongs inside: overload must not spend anything.
   */
  turn<T>(work: (argon2: Argon2) => Promise<T>): Promise<T>;
  close(): void;
}

interface Pending {
  job: Argon2Job;
  resolve: (answer: Argon2Answer) => void;
  reject: (error: Error) => void;
}

/** As many Workers as cores, started at first use. Beside what these do, `queueLimit` turns may wait. */
export function createHasher(cost: Argon2Cost, queueLimit: number): Hasher {
  const size = availableParallelism();
  const waiting: Pending[] = [];
  const idle: Worker[] = [];
  const busy = new Map<Worker, Pending>();
  let turns = 0;

  function spawn(): Worker {
    const worker = startWorker("./crypto/argon2-worker.ts");
    worker.onmessage = ({ data }: MessageEvent<Argon2Answer>) => {
      busy.get(worker)?.resolve(data);
      busy.delete(worker);
      idle.push(worker);
      next();
    };
    worker.onerror = (event) => {
      busy.get(worker)?.reject(new Error(`argon2 worker failed: ${event.message}`));
      busy.delete(worker);
      worker.terminate();
      next();
    };
    return worker;
  }

  function next(): void {
    if (waiting.length === 0) return;
    const worker = idle.pop() ?? (busy.size < size ? spawn() : undefined);
    const pending = worker && waiting.shift();
    if (!worker || !pending) return;
    busy.set(worker, pending);
    worker.postMessage(pending.job);
  }

  function submit(job: Argon2Job): Promise<Argon2Answer> {
    return new Promise((resolve, reject) => {
      waiting.push({ job, resolve, reject });
      next();
    });
  }

  const argon2: Argon2 = {
    async hash(password) {
      const answer = await submit({ kind: "hash", password, cost });
      if ("phc" in answer) return answer.phc;
      throw new Error(`argon2 hash failed: ${"failed" in answer ? answer.failed : "wrong answer"}`);
    },
    async verify(password, phc) {
      const answer = await submit({ kind: "verify", password, phc });
      if ("matches" in answer) return answer.matches;
      throw new Error(`argon2 verify failed: ${"failed" in answer ? answer.failed : "wrong answer"}`);
    },
  };

  return {
    async turn(work) {
      if (turns >= size + queueLimit) throw new Unavailable("too many password checks are waiting", 1);
      turns++;
      try {
        return await work(argon2);
      } finally {
        turns--;
      }
    },
    close() {
      for (const worker of [...idle, ...busy.keys()]) worker.terminate();
    },
  };
}
