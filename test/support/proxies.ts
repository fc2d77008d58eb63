// Debian's nginx and Caddy in front of the real program, as the README has people set them up.
import { mkdirSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import { freePort, freshDirectory } from "./process.ts";
import { block } from "./readme.ts";

/** The name in `OSTIARY_URL`, which nobody resolves. */
export const NAME = "auth.example.com";

export interface Proxy extends AsyncDisposable {
  port: number;
}

/** What the README says, with another upstream. */
export const NGINX = (upstream: string): string =>
  block("### Behind a reverse proxy", "nginx").replace("http://127.0.0.1:3000", upstream);

/** What nginx does when it is told where to go and nothing else. */
export const BARE_NGINX = (upstream: string): string => `location / { proxy_pass ${upstream}; }`;

/** nginx with these lines in its server block. */
export const startNginx = (server: string): Promise<Proxy> => onAFreePort(() => startNginxOnce(server));

async function startNginxOnce(server: string): Promise<Proxy> {
  const directory = freshDirectory();
  const port = await freePort();
  const temp = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"]
    .map((what) => `${what}_temp_path ${directory}/${what};`)
    .join("\n");
  const config = `daemon off; pid ${directory}/pid; error_log ${directory}/error.log;
    events {}
    http { access_log off; ${temp}
      server { listen 127.0.0.1:${port}; listen [::1]:${port}; server_name ${NAME}; ${server} }
    }`;
  writeFileSync(join(directory, "nginx.conf"), config);
  return start(
    ["nginx", "-p", directory, "-e", `${directory}/error.log`, "-c", `${directory}/nginx.conf`],
    port,
  );
}

/** Caddy with the Caddyfile of the README, at a port of its own. `tls`: with a certificate that it makes itself. */
export const startCaddy = (upstream: string, { tls = false } = {}): Promise<Proxy> =>
  onAFreePort(() => startCaddyOnce(upstream, tls));

async function startCaddyOnce(upstream: string, tls: boolean): Promise<Proxy> {
  const directory = freshDirectory();
  const port = await freePort();
  const alone = "{\n\tadmin off\n\tauto_https disable_redirects\n\tskip_install_trust\n";
  const own = tls ? "\tbind 127.0.0.1\n\ttls internal" : "\tbind 127.0.0.1";
  const site = `${tls ? "https" : "http"}://${NAME}:${port} {\n${own}`;
  const config = block("Caddy, which says so by itself", "caddyfile")
    .replace("{\n", alone)
    .replace(`${NAME} {`, site)
    .replace("127.0.0.1:3000", upstream.replace("http://", ""));
  mkdirSync(join(directory, "home"));
  writeFileSync(join(directory, "Caddyfile"), config);
  const home = join(directory, "home");
  const env = { PATH: process.env["PATH"] ?? "", HOME: home, XDG_DATA_HOME: home, XDG_CONFIG_HOME: home };
  return start(
    ["caddy", "run", "--adapter", "caddyfile", "--config", join(directory, "Caddyfile")],
    port,
    env,
  );
}

/** Between asking for a free port and listening on it another process may take it. */
async function onAFreePort(start: () => Promise<Proxy>, attempts = 5): Promise<Proxy> {
  try {
    return await start();
  } catch (error) {
    if (attempts > 1 && String(error).includes("ddress already in use"))
      return onAFreePort(start, attempts - 1);
    throw error;
  }
}

async function start(command: string[], port: number, env?: Record<string, string>): Promise<Proxy> {
  const child = Bun.spawn(command, { stdout: "ignore", stderr: "pipe", ...(env ? { env } : {}) });
  while (await isFree(port)) {
    if (child.exitCode !== null) throw new Error(await new Response(child.stderr).text());
    await Bun.sleep(20);
  }
  return {
    port,
    async [Symbol.asyncDispose]() {
      child.kill("SIGTERM");
      await child.exited;
    },
  };
}

const isFree = (port: number): Promise<boolean> =>
  new Promise((resolve) => {
    const probe = createServer().once("error", () => resolve(false));
    probe.listen(port, "127.0.0.1", () => probe.close(() => resolve(true)));
  });

export interface Asking {
  /** A loopback address to call from, which stands for somebody's on the internet. */
  from?: string;
  headers?: Record<string, string>;
  body?: unknown;
  method?: string;
  scheme?: "http" | "https";
  /** Where the proxy listens. */
  to?: string;
}

export interface Told {
  status: number;
  /** Names in lower case. */
  headers: Map<string, string>;
  body: string;
}

/** One request through a proxy by curl, which sends a path as it stands and calls from any address of this machine. */
export async function askThrough(
  proxy: Pick<Proxy, "port">,
  path: string,
  asking: Asking = {},
): Promise<Told> {
  const { from = "127.0.0.5", headers = {}, body, scheme = "http", to = "127.0.0.1" } = asking;
  const { method = body === undefined ? "GET" : "POST" } = asking;
  const sent = { ...(body === undefined ? {} : { "content-type": "application/json" }), ...headers };
  const port = scheme === "https" ? 443 : 80;
  const how = ["-siSk", "--max-time", "20", "--path-as-is", "-X", method];
  const where = ["--connect-to", `${NAME}:${port}:${to}:${proxy.port}`];
  const child = Bun.spawn(
    [
      "curl",
      ...how,
      ...where,
      ...(to === "127.0.0.1" ? ["--interface", from] : []),
      ...Object.entries(sent).flatMap(([name, value]) => ["-H", `${name}: ${value}`]),
      ...(body === undefined ? [] : ["-d", typeof body === "string" ? body : JSON.stringify(body)]),
      `${scheme}://${NAME}${path}`,
    ],
    { stdout: "pipe", stderr: "pipe" },
  );
  const text = await new Response(child.stdout).text();
  const [head = "", ...rest] = text.split("\r\n\r\n");
  const [line = "", ...fields] = head.split("\r\n");
  const status = Number(/^HTTP\/[\d.]+ (\d{3})/.exec(line)?.[1] ?? 0);
  if (status === 0) throw new Error(`no answer: ${await new Response(child.stderr).text()}`);
  const pairs = fields.map((field) => [
    field.slice(0, field.indexOf(":")).toLowerCase(),
    field.slice(field.indexOf(":") + 1).trim(),
  ]);
  return { status, headers: new Map(pairs as [string, string][]), body: rest.join("\r\n\r\n") };
}
