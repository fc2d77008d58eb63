// Clients that hold connections and want nothing: `bun slow-clients.ts <origin> <count>` keeps so many hostile ones open until killed.
import type { Socket } from "node:net";
import { openSocket } from "./raw-socket.ts";

export const HEAD = "Host: localhost\r\nContent-Type: application/json\r\n";
export const POST = `POST /api/v1/auth/token/ HTTP/1.1\r\n${HEAD}`;

export interface Held {
  socket: Socket;
  /** What it was told so far. */
  told: string;
  /** Seconds from its first byte to the end of the connection. */
  ended: Promise<number>;
}

export interface Drip {
  everyMs: number;
  text: string;
}

/** Sends the text, then a bit more every so often, until it is cut off. */
export function hold(origin: string, first: string, more?: Drip): Held {
  const socket = openSocket(origin);
  const started = performance.now();
  const { promise: ended, resolve } = Promise.withResolvers<number>();
  const held: Held = { socket, told: "", ended };
  const dripping = more && setInterval(() => socket.write(more.text), more.everyMs);
  socket.on("data", (chunk) => (held.told += chunk.toString("latin1").slice(0, 1000)));
  socket.on("error", () => {});
  socket.on("close", () => {
    clearInterval(dripping);
    resolve((performance.now() - started) / 1000);
  });
  if (first !== "") socket.write(first);
  return held;
}

const DEEP = `{"a":${"[".repeat(30_000)}${"]".repeat(30_000)}}`;
const ENDLESS = { everyMs: 200, text: `ffff\r\n${" ".repeat(0xffff)}\r\n` };
const KINDS: ((origin: string) => Held)[] = [
  // All but the last bytes of 64 KiB.
  (origin) =>
    hold(origin, `${POST}Content-Length: 65536\r\n\r\n${" ".repeat(65_000)}`, { everyMs: 1000, text: " " }),
  (origin) => hold(origin, `${POST}Content-Length: ${DEEP.length}\r\n\r\n${DEEP}`),
  (origin) => hold(origin, `${POST}Transfer-Encoding: chunked\r\n\r\n`, ENDLESS),
  (origin) =>
    hold(origin, `GET /healthz HTTP/1.1\r\n${HEAD}X: ${"x".repeat(15_000)}`, { everyMs: 1000, text: "x" }),
  // Asks for much, and reads nothing.
  (origin) => {
    const held = hold(origin, `GET /swagger/json HTTP/1.1\r\n${HEAD}\r\n`.repeat(50));
    held.socket.pause();
    return held;
  },
];

/** One of the hostile kinds, in turn. */
export function hostile(origin: string, i: number): Held {
  const kind = KINDS[i % KINDS.length];
  if (!kind) throw new Error("no kinds");
  return kind(origin);
}

if (import.meta.main) {
  const [origin = "", count = "0"] = Bun.argv.slice(2);
  const keepOpen = async (i: number): Promise<never> => {
    for (;;) await hostile(origin, i).ended;
  };
  await Promise.all(Array.from({ length: Number(count) }, (_, i) => keepOpen(i)));
}
