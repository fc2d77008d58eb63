// One line per event: JSON for machines, aligned text for a person at a terminal.

export const LOG_LEVELS = ["debug", "info", "warn", "error", "silent"] as const;
export type LogLevel = (typeof LOG_LEVELS)[number];

/** What one log line may carry besides its event. Never a secret, a password or a query string. */
export type LogFields = Record<string, string | number | boolean | null | undefined>;

export interface Log {
  /** Whether `debug` is written: what each request would say there is not worth making for nothing. */
  isDebugging: boolean;
  debug(event: string, fields?: LogFields): void;
  info(event: string, fields?: LogFields): void;
  warn(event: string, fields?: LogFields): void;
  error(event: string, fields?: LogFields): void;
}

export interface LogOptions {
  level: LogLevel;
  pretty: boolean;
  /** Milliseconds since the epoch. */
  now: () => number;
  write: (line: string) => void;
}

/** A log that writes every event at or above `level` as one line; values are escaped, so no input can forge a line. */
export function createLog({ level, pretty, now, write }: LogOptions): Log {
  const threshold = LOG_LEVELS.indexOf(level);
  const format = pretty ? prettyLine : jsonLine;
  const at =
    (name: Exclude<LogLevel, "silent">) =>
    (event: string, fields: LogFields = {}) => {
      if (LOG_LEVELS.indexOf(name) >= threshold)
        write(format(new Date(now()).toISOString(), name, event, fields));
    };
  return {
    isDebugging: threshold === 0,
    debug: at("debug"),
    info: at("info"),
    warn: at("warn"),
    error: at("error"),
  };
}

const jsonLine = (time: string, level: string, event: string, fields: LogFields): string =>
  `${JSON.stringify({ time, level, event, ...fields })}\n`;

function prettyLine(time: string, level: string, event: string, fields: LogFields): string {
  const rest = Object.entries(fields)
    .filter(([, value]) => value !== undefined)
    .map(([name, value]) => `${name}=${JSON.stringify(value)}`)
    .join(" ");
  return `${time.slice(11, 19)} ${level.padEnd(5)} ${event}${rest && ` ${rest}`}\n`;
}
