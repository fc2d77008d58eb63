// The process as a command sees it.

export interface Terminal {
  /** What was asked for; of serve, its log. */
  out: (text: string) => void;
  /** The same for what does not fit into memory: resolves once there is room for more. */
  stream: (text: string) => Promise<void>;
  /** Words for people. */
  err: (text: string) => void;
  /** Whether a person reads `out`. */
  isTerminal: boolean;
  /** Whether a person reads `err`. */
  showsProgress: boolean;
  /** Resolves when the process is asked to end. */
  stopped: () => Promise<string>;
  /** Whether there is a person to ask. */
  canAsk: boolean;
  /** The answer of the person, a line. */
  ask: (question: string) => Promise<string>;
  /** The same, without showing what is typed. */
  askSecretly: (question: string) => Promise<string>;
  /** Everything on standard input. */
  readInput: () => Promise<string>;
}
