// `bun run bench`: what Ostiary does in a second, next to what the machine allows, measured in turn in the same run, as medians
// over rounds: ratios count, as machines differ and are shared. With 1,000 accounts and with 1,000,000.
import { mkdirSync } from "node:fs";
import { join, resolve } from "node:path";
import { parseArgs } from "node:util";
import { spawn } from "bun";
import { freePort, freshDirectory, ROOT } from "../support/process.ts";
import { pinned } from "./load.ts";
import { report, type Sized } from "./report.ts";
import {
  askMe,
  type Figure,
  flood,
  growth,
  register,
  rotate,
  SERVER_CORE,
  type Side,
  signIn,
} from "./rows.ts";
import { COST, PASSWORD, seed } from "./seed.ts";
import { start } from "./server.ts";
import { median } from "./statistics.ts";

const STARTS = 5;
const HELP = `bun run bench [options]
  --quick             1,000 accounts only
  --flood             of those only what a flood of sign-ins does to others
  --growth            what a million accounts cost more, and nothing else
  --data <directory>  keeps the seeded data for the next run
  --program <file>    measures a program built before
  --json <file>       writes the figures there too
A whole run takes a quarter of an hour, and the first one as long again for a million accounts (4.2 GB).`;

const { values: options } = parseArgs({
  args: Bun.argv.slice(2),
  options: {
    help: { type: "boolean", default: false },
    quick: { type: "boolean", default: false },
    flood: { type: "boolean", default: false },
    growth: { type: "boolean", default: false },
    data: { type: "string" },
    program: { type: "string" },
    json: { type: "string" },
  },
});
if (options.help) {
  console.log(HELP);
  process.exit();
}
const isSmall = options.quick || options.flood;
if (isSmall && options.growth) {
  console.error("--growth asks for the million accounts that --quick and --flood leave out");
  process.exit(2);
}

const base = resolve(options.data ?? freshDirectory());
const program = options.program === undefined ? build() : resolve(options.program);
await using bare = await startBare();
const phc = await Bun.password.hash(PASSWORD, {
  algorithm: "argon2id",
  memoryCost: COST.memoryKib,
  timeCost: COST.passes,
});
const [FEW, MANY] = [1_000, 1_000_000];
const runs: Sized[] = [];
for (const users of isSmall ? [FEW] : [FEW, MANY]) {
  await seed(directoryOf(users), users);
  if (!options.growth) runs.push({ users, figures: await measureAll(directoryOf(users), users) });
}
if (!isSmall) runs.push({ users: MANY, figures: await measureGrowth() });
const isGood = report(runs);
if (options.json !== undefined) await Bun.write(options.json, `${JSON.stringify(runs, null, 2)}\n`);
process.exitCode = isGood ? 0 : 1;

function directoryOf(users: number): string {
  const directory = join(base, String(users));
  mkdirSync(directory, { recursive: true });
  return directory;
}

async function measureGrowth(): Promise<Figure[]> {
  say("what more accounts cost");
  await using few = await start([program], directoryOf(FEW));
  await using many = await start([program], directoryOf(MANY));
  const side = async (server: typeof few): Promise<Side> => ({
    server,
    idle: server.memory().now,
    people: await signIn(server),
  });
  await Bun.sleep(2_000);
  return await growth(await side(few), await side(many));
}

async function measureAll(directory: string, users: number): Promise<Figure[]> {
  const startsMs: number[] = [];
  for (let i = 0; i < STARTS; i++) {
    await using server = await start([program], directory);
    startsMs.push(server.startMs);
  }
  await using server = await start([program], directory);
  await Bun.sleep(2_000);
  const idle = server.memory().now;
  const people = await signIn(server);
  if (options.flood) return await flood(server, phc, people);
  say(`${users} accounts: me/`);
  server.pin(SERVER_CORE);
  const figures = await askMe(server, bare.port, people);
  say(`${users} accounts: rotation`);
  figures.push(...(await rotate(server, bare.port, people)));
  server.pin(undefined);
  say(`${users} accounts: logins`);
  figures.push(...(await flood(server, phc, people)));
  say(`${users} accounts: register`);
  figures.push(await register(server));
  await Bun.sleep(2_000);
  const { now, peak } = server.memory();
  return [
    ...figures,
    { work: "cold start to the first 200", unit: "ms", ours: median(startsMs), atMost: 150 },
    { work: "memory idle", unit: "MiB", ours: idle, atMost: 70 },
    { work: "memory after load", unit: "MiB", ours: now, atMost: 140 },
    { work: "memory at most", unit: "MiB", ours: peak, atMost: 200 },
  ];
}

function build(): string {
  say("building the program that is measured: dist/ostiary");
  const { success, stderr } = Bun.spawnSync([process.execPath, "run", "build"], { cwd: ROOT });
  if (!success) throw new Error(stderr.toString());
  return join(ROOT, "dist/ostiary");
}

async function startBare(): Promise<AsyncDisposable & { port: number }> {
  const port = await freePort();
  const file = join(ROOT, "test/bench/bare-server.ts");
  const child = spawn([...pinned(SERVER_CORE), process.execPath, file, String(port), freshDirectory()], {
    stdout: "pipe",
  });
  for await (const _ of child.stdout) break;
  return {
    port,
    async [Symbol.asyncDispose]() {
      child.kill();
      await child.exited;
    },
  };
}

function say(text: string): void {
  console.error(text);
}
