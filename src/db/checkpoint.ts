import { startWorker, WORKERS_START_AFTER_MS } from "../workers.ts";
import { NotDurable } from "./sqlite-durability.ts";

export interface CheckpointPace {
  everyMs: number;
  /** The same while much is written. */
  fastMs: number;
  /** Above this size the log begins anew, though writers have to wait a moment for it. */
  restartAboveBytes: number;
}

export interface CheckpointOptions extends CheckpointPace {
  path: string;
}

/** lost: the disk did not keep what was moved to the database. */
export type CheckpointReport = "stopped" | { lost: string };

export interface Watcher {
  /** A Worker failed, and another one takes its place. */
  failed: (reason: string) => void;
  /** What the database file holds is not known any more, but the log has it: the program is to end, and start anew from that. */
  broken: (reason: NotDurable) => void;
}

const PACE: CheckpointPace = { everyMs: 250, fastMs: 100, restartAboveBytes: 32 * 1024 * 1024 };
const REPLACE_AFTER_MS = 1_000;
/** How long stopping waits for a checkpoint under way, which a disk may hold up. What comes of it then is not known. */
const STOP_WITHIN_MS = 5_000;

/**
 * Keeps the write-ahead log of the database at `path` short, from a Worker, until the returned function is called. A Worker
 * that fails is reported and replaced: without one the log would grow for ever.
 */
export function startCheckpoints(path: string, watcher: Watcher, pace = PACE): () => Promise<void> {
  let worker: Worker | undefined;
  const hear = (report: CheckpointReport) => {
    if (typeof report === "object") watcher.broken(new NotDurable(report.lost));
  };
  const start = () => {
    const started = startWorker("./db/checkpoint-worker.ts");
    started.onmessage = ({ data }: MessageEvent<CheckpointReport>) => hear(data);
    started.onerror = ({ message }) => {
      watcher.failed(message);
      started.terminate();
      worker = undefined;
      starting = setTimeout(start, REPLACE_AFTER_MS);
    };
    started.postMessage({ path, ...pace } satisfies CheckpointOptions);
    worker = started;
  };
  let starting = setTimeout(start, WORKERS_START_AFTER_MS);
  return async () => {
    clearTimeout(starting);
    const stopping = worker;
    worker = undefined;
    if (!stopping) return;
    let late: Timer | undefined;
    await new Promise<void>((resolve) => {
      stopping.onmessage = ({ data }: MessageEvent<CheckpointReport>) => {
        hear(data);
        resolve();
      };
      stopping.onerror = () => resolve();
      stopping.postMessage("stop");
      late = setTimeout(() => {
        hear({ lost: `a checkpoint takes more than ${STOP_WITHIN_MS / 1000} s` });
        resolve();
      }, STOP_WITHIN_MS);
    });
    clearTimeout(late);
    stopping.terminate();
  };
}
