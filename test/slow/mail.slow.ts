// Mail servers that are down, hang, drip, refuse or cannot speak TLS, under the real program: people notice nothing, mail arrives
// once when the server is back, and the program ends when it is told to.
import { expect, test } from "bun:test";
import { connect, createServer, type Socket } from "node:net";
import { isUp } from "../support/ledger.ts";
import { type Mode, openMailbox } from "../support/mailbox.ts";
import { makePerson, makeTenant } from "../support/people.ts";
import { portals } from "../support/portals.ts";
import { processWorld } from "../support/process-world.ts";
import { tenantOf } from "../support/tenant-group.ts";
import { MAIL_FROM } from "../support/world.ts";

const ADA = "ada@example.com";
const PATIENCE_MS = 90_000;

/** How the way to the mail server is broken. pass: it is not. cut: in the middle of the first answer. */
type Way = "pass" | "down" | "silent" | "drip" | "cut" | "garbage";

/** A way to a mail server that can be broken, so that one address stays the same all along. */
async function openWay(to: number, first: Way) {
  let way = first;
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on("error", () => {});
    socket.on("close", () => sockets.delete(socket));
    if (way === "down") socket.resetAndDestroy();
    if (way === "cut") socket.end("220-only h");
    if (way === "garbage") socket.end(`${"\u0000\u0001 not SMTP ".repeat(1000)}\r\n`);
    if (way === "drip") {
      const words =
        "220 a greeting that takes its time, and then some more of it, and more, and more, and never ends";
      let i = 0;
      const drip = setInterval(() => void socket.write(words[i++ % words.length] ?? "."), 500);
      socket.on("close", () => clearInterval(drip));
    }
    if (way === "pass") {
      const onward = connect(to, "127.0.0.1");
      onward.on("error", () => socket.destroy());
      socket.pipe(onward).pipe(socket);
    }
  });
  await new Promise<void>((resolve) => void server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  return {
    port: typeof address === "object" && address ? address.port : 0,
    become: (next: Way) => void (way = next),
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy();
      await new Promise<void>((resolve) => void server.close(() => resolve()));
    },
  };
}

interface Trouble {
  way?: Way;
  mode?: Mode;
  /** The program believes that the server speaks TLS, and it does not yet. */
  tls?: boolean;
}

const TROUBLES: Record<string, Trouble> = {
  down: { way: "down" },
  "silent from the start": { way: "silent" },
  "dripping its greeting": { way: "drip" },
  "cut off in its greeting": { way: "cut" },
  "no SMTP at all": { way: "garbage" },
  "hanging after DATA": { mode: { do: "hang", at: "DATA" } },
  "busy (421)": { mode: { do: "reject", code: 421 } },
  "greylisting (451)": { mode: { do: "reject", code: 451 } },
  "full (452 after DATA)": { mode: { do: "reject", code: 452, at: "DATA" } },
  "refusing the sender (550 to MAIL)": { mode: { do: "reject", code: 550, at: "MAIL" } },
  "without TLS where TLS is asked for": { way: "garbage", tls: true },
};

async function inTrouble({ way = "pass", mode, tls = false }: Trouble) {
  const mailbox = await openMailbox({ tls });
  if (mode) mailbox.mode = mode;
  const road = await openWay(Number(new URL(mailbox.url.replace(/^smtps?/, "http")).port), way);
  const url = `${tls ? "smtps" : "smtp"}://localhost:${road.port}`;
  const w = await processWorld({ SMTP_URL: url, MAIL_FROM, LOG: "info", LIMIT_MAIL_GAP: "0" });
  const acme = await makeTenant(w, "acme", { self_registration: true });
  await makePerson(w, acme, { email: ADA });
  return { w, mailbox, road };
}

/** Each of these causes mail; none waits for it. */
async function causeMail(w: Awaited<ReturnType<typeof inTrouble>>["w"]): Promise<number[]> {
  const answers = [
    await tenantOf(w, "acme").forgot(ADA),
    await tenantOf(w, "acme").register({ email: "new@example.com" }),
    await portals(w).magic("acme", ADA),
  ];
  return [...answers.map(({ status }) => status), (await isUp(w)) ? 200 : 503];
}

test(`a mail server that is in trouble, in ${Object.keys(TROUBLES).length} ways: each mail arrives once when it is over, and its body is gone`, async () => {
  const ends = await Promise.all(
    Object.entries(TROUBLES).map(async ([what, trouble]) => {
      const { w, mailbox, road } = await inTrouble(trouble);
      const statuses = await causeMail(w);
      const troubled = async () =>
        (await w.ctx.db.get`select 1 as found from outbox where attempts > 0`) !== undefined;
      while (!(await troubled())) await Bun.sleep(20);
      await Bun.sleep(300);
      road.become("pass");
      mailbox.mode = { do: "accept" };
      const rows = () =>
        w.ctx.db.all<{ status: string; body: string | null }>`select status, body_sealed as body from outbox`;
      for (const until = performance.now() + PATIENCE_MS; performance.now() < until; await Bun.sleep(100)) {
        if ((await rows()).every(({ status }) => status === "sent")) break;
      }
      const after = await rows();
      const ids = mailbox.mails.map(({ messageId }) => messageId);
      const end = {
        what,
        statuses,
        sent: after.filter(({ status, body }) => status === "sent" && body === null).length,
        arrived: [ids.length, new Set(ids).size],
        ended: await w.program().end("SIGTERM"),
      };
      await w[Symbol.asyncDispose]();
      await road[Symbol.asyncDispose]();
      await mailbox[Symbol.asyncDispose]();
      return end;
    }),
  );
  console.log(`mail: ${ends.length} troubles, ${ends.filter(({ sent }) => sent === 3).length} survived`);
  expect(ends).toEqual(
    Object.keys(TROUBLES).map((what) => ({
      what,
      statuses: [200, 200, 200, 200],
      sent: 3,
      arrived: [3, 3],
      ended: 0,
    })),
  );
}, 150_000);

test("told to end while its mail server is in trouble, it ends with 0 and keeps the mail", async () => {
  const hanging = ["down", "silent from the start", "dripping its greeting", "hanging after DATA"];
  const ends = await Promise.all(
    hanging.map(async (what) => {
      const { w, mailbox, road } = await inTrouble(TROUBLES[what] ?? {});
      await causeMail(w);
      const ended = await w.program().end("SIGTERM");
      const rows = await w.ctx.db.all<{
        status: string;
      }>`select status from outbox where body_sealed is not null`;
      await w[Symbol.asyncDispose]();
      await road[Symbol.asyncDispose]();
      await mailbox[Symbol.asyncDispose]();
      return { what, ended, kept: rows.length };
    }),
  );
  expect(ends).toEqual(hanging.map((what) => ({ what, ended: 0, kept: 3 })));
}, 60_000);
