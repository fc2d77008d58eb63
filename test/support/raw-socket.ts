// What `fetch` would tidy up on its way out.
import { connect, type Socket } from "node:net";

export const openSocket = (origin: string): Socket => connect(Number(new URL(origin).port), "127.0.0.1");

/** Sends text as it stands, and gives everything that came back until the server closed. */
export const exchange = (origin: string, text: string): Promise<string> =>
  new Promise((resolve, reject) => {
    let answer = "";
    const socket = openSocket(origin);
    socket.on("data", (chunk) => (answer += chunk.toString("latin1")));
    socket.on("error", reject);
    socket.on("close", () => resolve(answer));
    socket.write(text);
  });
