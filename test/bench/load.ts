// A client in a process of its own, faster than what it measures: raw sockets, one request at a time on each, answers only cut
// apart. `bun load.ts` with a Load as JSON on standard input; prints a Measured.
import { type Socket, spawn } from "bun";

/** One request after another on a connection of its own: whole HTTP/1.1 requests in turn, or rotations of one refresh token. */
export type Stream = { requests: string[] } | { path: string; token: string };

export interface Load {
  port: number;
  streams: Stream[];
  durationMs: number;
  /** So many requests a second, each timed from when it was due (open loop). Without it each stream sends as soon as it is answered. */
  perSecond?: number;
}

export interface Measured {
  perSecond: number;
  /** Answers other than 2xx, and connections lost. */
  failures: number;
  /** The first such answer. */
  failure?: string;
  p50Ms: number;
  p95Ms: number;
  p99Ms: number;
  maxMs: number;
  /** The last refresh token of each stream. */
  tokens: string[];
}

/**
 * Runs it in another process. `core`: on one core of its own, which it keeps awake: a client that sleeps until it is answered has to be
 * woken, at a price that is paid by who answers, and the higher the slower that is.
 */
export async function measure(load: Load, core?: number): Promise<Measured> {
  const child = spawn([...pinned(core), process.execPath, import.meta.path], {
    stdin: new Blob([JSON.stringify({ ...load, isAwake: core !== undefined })]),
    stdout: "pipe",
  });
  return (await new Response(child.stdout).json()) as Measured;
}

/** The words before a command that keep it on one core. */
export const pinned = (core: number | undefined): string[] =>
  core === undefined || Bun.which("taskset") === null ? [] : ["taskset", "-c", String(core)];

const HOST = "Host: localhost";

/** A request of a client that keeps its connection. */
export function request(method: string, path: string, headers: Record<string, string>, body = ""): string {
  const all = {
    Host: "localhost",
    ...headers,
    ...(body ? { "Content-Type": "application/json", "Content-Length": String(body.length) } : {}),
  };
  const lines = Object.entries(all).map(([name, value]) => `${name}: ${value}\r\n`);
  return `${method} ${path} HTTP/1.1\r\n${lines.join("")}\r\n${body}`;
}

interface Line {
  socket: Socket;
  stream: Stream;
  sent: number;
  dueAt: number;
  received: string;
}

async function run({
  port,
  streams,
  durationMs,
  perSecond,
  isAwake,
}: Load & { isAwake: boolean }): Promise<Measured> {
  const host = `${HOST}:${port}`;
  const idle: Line[] = [];
  const due: number[] = [];
  const latencies: number[] = [];
  const lines = new Map<Socket, Line>();
  let failures = 0;
  let failure: string | undefined;
  let underWay = 0;
  let isOver = false;

  const send = (line: Line, dueAt: number) => {
    const { stream } = line;
    line.dueAt = dueAt;
    underWay++;
    const text =
      "token" in stream
        ? request("POST", stream.path, {}, JSON.stringify({ refresh_token: stream.token }))
        : (stream.requests[line.sent++ % stream.requests.length] ?? "");
    line.socket.write(text.replace(HOST, host));
  };
  const next = (line: Line) => {
    if (isOver && due.length === 0) return;
    if (perSecond === undefined) return send(line, performance.now());
    const dueAt = due.shift();
    if (dueAt === undefined) idle.push(line);
    else send(line, dueAt);
  };
  const receive = (line: Line, text: string) => {
    line.received += text;
    const head = line.received.indexOf("\r\n\r\n");
    if (head === -1) return;
    const length = Number(/content-length: (\d+)/i.exec(line.received.slice(0, head))?.[1] ?? 0);
    if (line.received.length < head + 4 + length) return;
    if (line.received[9] !== "2") {
      failures++;
      failure ??= line.received;
    }
    if ("token" in line.stream)
      line.stream.token = /"refresh_token":"([^"]+)"/.exec(line.received)?.[1] ?? line.stream.token;
    line.received = "";
    underWay--;
    if (!isOver || perSecond !== undefined) latencies.push(performance.now() - line.dueAt);
    next(line);
  };

  for (const stream of streams) {
    const socket = await Bun.connect({
      hostname: "127.0.0.1",
      port,
      socket: {
        data: (socket, data) => {
          const line = lines.get(socket);
          if (line) receive(line, data.toString("latin1"));
        },
        close: () => void (isOver || failures++),
      },
    });
    lines.set(socket, { socket, stream, sent: 0, dueAt: 0, received: "" });
  }

  const stayAwake = () => void (isAwake && !isOver && setImmediate(stayAwake));
  stayAwake();
  const started = performance.now();
  for (const line of lines.values()) next(line);
  if (perSecond !== undefined) await sendSteadily(perSecond, started + durationMs, due, idle, send);
  else await Bun.sleep(durationMs);
  const seconds = (performance.now() - started) / 1000;
  const answered = latencies.length;
  isOver = true;
  // What was sent or due and is not answered yet is late, not lost; the last refresh token must arrive.
  for (let i = 0; underWay + due.length > 0 && i < 500; i++) await Bun.sleep(10);
  for (const socket of lines.keys()) socket.end();
  const sorted = latencies.toSorted((a, b) => a - b);
  const at = (q: number) => sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * q))] ?? Number.NaN;
  return {
    perSecond: answered / seconds,
    failures: failures + due.length + underWay,
    ...(failure === undefined ? {} : { failure }),
    p50Ms: at(0.5),
    p95Ms: at(0.95),
    p99Ms: at(0.99),
    maxMs: at(1),
    tokens: streams.flatMap((stream) => ("token" in stream ? [stream.token] : [])),
  };
}

/** Each request when it is due, or as soon as a connection is free. */
async function sendSteadily(
  perSecond: number,
  until: number,
  due: number[],
  idle: Line[],
  send: (line: Line, dueAt: number) => void,
): Promise<void> {
  const started = performance.now();
  for (let i = 0; ; i++) {
    const dueAt = started + (i * 1000) / perSecond;
    if (dueAt >= until) return;
    const wait = dueAt - performance.now();
    if (wait > 0.2) await Bun.sleep(Math.max(1, Math.floor(wait)));
    const line = idle.shift();
    if (line) send(line, dueAt);
    else due.push(dueAt);
  }
}

if (import.meta.main)
  process.stdout.write(JSON.stringify(await run((await Bun.stdin.json()) as Load & { isAwake: boolean })));
