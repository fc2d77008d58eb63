// A disk that is full, or that nobody may write to, under the real program: on a small file system of its own.
import { describe, expect, test } from "bun:test";
import { mkdirSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { SettingName } from "../../src/settings.ts";
import { BASE } from "../support/key-group.ts";
import { UNLIMITED } from "../support/kill.ts";
import { broken, faultsOfFile, isUp, newLedger, newSeed, seeded } from "../support/ledger.ts";
import { openMailbox } from "../support/mailbox.ts";
import { until } from "../support/outbox.ts";
import { makePerson, makeTenant, PASSWORD } from "../support/people.ts";
import { portal } from "../support/portal-group.ts";
import { freePort, freshDirectory, runProgram, startProgram } from "../support/process.ts";
import { processWorld } from "../support/process-world.ts";
import { signInForKey } from "../support/sessions.ts";
import { asRoot, canMount, openSmallDisk, type SmallDisk } from "../support/small-disk.ts";
import { tenantOf } from "../support/tenant-group.ts";
import { newPerson, work } from "../support/workload.ts";
import { type Answer, MAIL_FROM } from "../support/world.ts";

const mounts = await canMount();
if (!mounts) console.log("skipped: small disks, which take the right to mount; a limit on files stands in");

const onDisk = ({ path: directory }: SmallDisk, settings: Partial<Record<SettingName, string>> = {}) =>
  processWorld({ ...UNLIMITED, LOG: "info", ...settings }, { directory });

const UNAVAILABLE = { detail: "Service temporarily unavailable", code: "UNAVAILABLE" };
function expectUnavailable({ status, headers, body }: Answer): void {
  expect([status, body]).toEqual([503, UNAVAILABLE]);
  expect(Number(headers.get("retry-after"))).toBeGreaterThan(0);
}

/** Does it again and again, one after the other; the returned function waits until the last is done. */
function keepDoing(work: () => Promise<void>): () => Promise<void> {
  const over = new AbortController();
  const doing = (async () => {
    while (!over.signal.aborted) {
      await work();
      await Bun.sleep(100);
    }
  })();
  return () => {
    over.abort();
    return doing;
  };
}

interface Shutting {
  shut: (pid: number) => Promise<void>;
  open: (pid: number) => Promise<void>;
  /** Whether every write fails at once. On a full disk the room of the write-ahead log is used again, so small ones go on. */
  isSharp: boolean;
}

/** Everybody works while room runs out three times; `shut` is called again and again, as the server makes room for itself. */
async function fillWhileAtWork(
  what: string,
  directory: string,
  { shut, open, isSharp }: Shutting,
): Promise<void> {
  const seed = newSeed();
  await using mailbox = await openMailbox();
  await using bare = await processWorld(
    { ...UNLIMITED, LOG: "info", SMTP_URL: mailbox.url, MAIL_FROM },
    { directory },
  );
  const { pid } = bare.program();
  const acme = await makeTenant(bare, "acme", { self_registration: true });
  const w = Object.assign(bare, { mailbox, acme });
  const { userId, email, username, password } = await newPerson(w);
  const key = await signInForKey(w.ctx, { userId, tenantId: acme.id });
  const { flow_token } = (await portal(w).identify(email)).body;
  const ledger = newLedger();
  const over = new AbortController();
  const working = work(w, ledger, seeded(seed), over.signal);
  await until(() => ledger.acknowledged > 40);
  for (let round = 0; round < 3; round++) {
    const before = ledger.unavailable;
    const stopShutting = keepDoing(() => shut(pid));
    await until(() => ledger.unavailable > before + 10);
    if (isSharp) {
      await until(async () => !(await isUp(w)));
      expectUnavailable(await w.send("GET", "/readyz"));
      expectUnavailable(await portal(w).authenticate({ flow_token, password }));
      expectUnavailable(await w.send("POST", `${BASE}/token/`, { body: { username, password } }));
    }
    const reads = await Promise.all([
      w.send("GET", "/healthz"),
      w.send("GET", `${BASE}/me/`, { key }),
      w.send("GET", "/v1/auth/load", { key }),
      w.send("GET", "/.well-known/jwks.json"),
      portal(w).identify(email),
    ]);
    expect(reads.map(({ status }) => status)).toEqual([200, 200, 200, 200, 200]);
    await stopShutting();
    await open(pid);
    await until(() => isUp(w));
    const done = ledger.acknowledged;
    await until(() => ledger.acknowledged > done + 10);
  }
  over.abort();
  await working;
  expect((await portal(w).authenticate({ flow_token, password })).status).toBe(200);
  const lost = [...faultsOfFile(w.ctx.config.databasePath, ledger), ...(await broken(ledger))];
  console.log(
    `${what}: seed ${seed}, 3 rounds, ${ledger.acknowledged} writes acknowledged, ${ledger.unavailable} answered 503, ` +
      `${ledger.unanswered} unanswered, ${lost.length} lost or revived, ${ledger.odd.length} odd answers`,
  );
  expect([lost, ledger.odd, ledger.unanswered]).toEqual([[], [], 0]);
  expect(await w.program().end("SIGTERM")).toBe(0);
}

describe("room that runs out while everybody works is 503 for what writes, reads go on, nothing is spent or lost, and room is all it takes", () => {
  test.skipIf(!mounts)(
    "on a full disk",
    async () => {
      await using disk = await openSmallDisk("16m");
      await fillWhileAtWork("full disk", disk.path, {
        shut: () => disk.fill(),
        open: () => disk.free(),
        isSharp: false,
      });
    },
    60_000,
  );

  test("by a limit on the size of files", async () => {
    const limit = async (pid: number, bytes: string) =>
      void (await Bun.spawn(["prlimit", "--pid", String(pid), `--fsize=${bytes}:`]).exited);
    await fillWhileAtWork("file size limit", freshDirectory(), {
      shut: (pid) => limit(pid, "65536"),
      open: (pid) => limit(pid, "unlimited"),
      isSharp: true,
    });
  }, 60_000);
});

describe.skipIf(!mounts)("a full disk", () => {
  test("lets it end when told to, and start again, with everything that was acknowledged", async () => {
    await using disk = await openSmallDisk("8m");
    await using w = await onDisk(disk);
    const acme = await makeTenant(w, "acme");
    const userId = await makePerson(w, acme, { email: "ada@example.com", username: "ada" });
    const key = await signInForKey(w.ctx, { userId, tenantId: acme.id });
    const logIn = async () => (await portal(w).login("ada@example.com", PASSWORD, acme.id)).status;
    const stopFilling = keepDoing(() => disk.fill());
    await until(async () => (await Promise.all(Array.from({ length: 20 }, logIn))).includes(503));
    expect(await w.program().end("SIGTERM")).toBe(0);
    await stopFilling();
    await disk.fill();
    await w.start();
    expect((await w.send("GET", `${BASE}/me/`, { key })).status).toBe(200);
    await disk.free();
    await until(() => isUp(w));
    expect(await logIn()).toBe(200);
    expect(faultsOfFile(w.ctx.config.databasePath, newLedger())).toEqual([]);
  }, 60_000);

  test("keeps mail that becomes files until there is room, and then writes it whole", async () => {
    const directory = freshDirectory();
    const outbox = join(directory, "data/outbox");
    mkdirSync(outbox, { recursive: true });
    await using disk = await openSmallDisk("16k", outbox);
    await disk.fill();
    await using w = await processWorld({ LOG: "info" }, { directory });
    const acme = await makeTenant(w, "acme");
    await makePerson(w, acme, { email: "ada@example.com" });
    expect((await tenantOf(w, "acme").forgot("ada@example.com")).status).toBe(200);
    await until(() => w.log.some((line) => line.includes("mail delayed") && line.includes("ENOSPC")));
    expect(readdirSync(outbox)).toEqual(["filler"]);
    await disk.free();
    await until(() => readdirSync(outbox).some((name) => name.endsWith(".eml")));
    const [name = ""] = readdirSync(outbox);
    expect(readFileSync(join(outbox, name), "utf8")).toContain("To: ada@example.com");
    const status = () => w.ctx.db.get<{ status: string }>`select status from outbox`;
    await until(async () => (await status())?.status === "sent");
  }, 60_000);
});

test.skipIf(!mounts)(
  "a directory that nobody may write to stops a start in words, and is no matter once it is writable",
  async () => {
    const first = await startProgram();
    const { directory } = first;
    const data = join(directory, "data");
    await first.end("SIGTERM");
    const isReadOnly = await asRoot(`mount --bind ${data} ${data} && mount -o remount,bind,ro ${data}`);
    const port = String(await freePort());
    const done = await runProgram(["serve", "--port", port, "--data", data]);
    expect([isReadOnly, await asRoot(`umount ${data}`)]).toEqual([true, true]);
    expect([done.code, done.err]).toEqual([
      1,
      "ostiary: The data directory cannot be written. Choose another, or other rights: --data\n",
    ]);
    await using again = await startProgram({ directory });
    expect(again.output().out).toContain("listening");
  },
  30_000,
);
