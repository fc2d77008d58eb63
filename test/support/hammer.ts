// A client in a process of its own that sends many requests at once: `bun hammer.ts` with a Volley as JSON on standard input.

export interface Volley {
  origin: string;
  requests: { method: string; path: string; headers?: Record<string, string>; body?: unknown }[];
}

export interface Hit {
  status: number;
  body: unknown;
}

/** Sends all requests of the volley at once from another process; the answers in the order of the requests. */
export async function volley(input: Volley): Promise<Hit[]> {
  const child = Bun.spawn([process.execPath, import.meta.path], {
    stdin: new Blob([JSON.stringify(input)]),
    stdout: "pipe",
  });
  return (await new Response(child.stdout).json()) as Hit[];
}

if (import.meta.main) {
  const { origin, requests } = (await Bun.stdin.json()) as Volley;
  const hits = await Promise.all(
    requests.map(async ({ method, path, headers, body }): Promise<Hit> => {
      const response = await fetch(origin + path, {
        method,
        headers: { "content-type": "application/json", ...headers },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      });
      const text = await response.text();
      return { status: response.status, body: text === "" ? null : JSON.parse(text) };
    }),
  );
  process.stdout.write(JSON.stringify(hits));
}
