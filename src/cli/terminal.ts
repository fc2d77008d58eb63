/** The process as a command sees it. */
export interface Terminal {
  /** What was asked for; of serve, its log. */
  out: (text: string) => void;
  /** Words for people. */
  err: (text: string) => void;
  /** Whether a person reads `out`. */
  isTerminal: boolean;
  /** Resolves when the process is asked to end. */
  stopped: Promise<string>;
}
