// What programs call themselves, in plain words.
import { expect, test } from "bun:test";
import { readUserAgent } from "../../src/pages/browser/user-agent.ts";

const LIKE_GECKO = "AppleWebKit/537.36 (KHTML, like Gecko)";
const KNOWN: [string, ReturnType<typeof readUserAgent>][] = [
  [
    "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0",
    { program: "Firefox", system: "Linux" },
  ],
  [
    `Mozilla/5.0 (Windows NT 10.0; Win64; x64) ${LIKE_GECKO} Chrome/140.0.0.0 Safari/537.36`,
    { program: "Chrome", system: "Windows" },
  ],
  [
    `Mozilla/5.0 (Windows NT 10.0; Win64; x64) ${LIKE_GECKO} Chrome/140.0.0.0 Safari/537.36 Edg/140.0.0.0`,
    { program: "Edge", system: "Windows" },
  ],
  [
    `Mozilla/5.0 (X11; Linux x86_64) ${LIKE_GECKO} Chrome/140.0.0.0 Safari/537.36 OPR/120.0.0.0`,
    { program: "Opera", system: "Linux" },
  ],
  [
    `Mozilla/5.0 (Linux; Android 15; SM-S901B) ${LIKE_GECKO} SamsungBrowser/28.0 Chrome/130.0.0.0 Mobile Safari/537.36`,
    { program: "Samsung Internet", system: "Android" },
  ],
  [
    "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.5 Safari/605.1.15",
    { program: "Safari", system: "macOS" },
  ],
  [
    "Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) CriOS/140.0 Mobile/15E148 Safari/604.1",
    { program: "Chrome", system: "iPhone" },
  ],
  [
    "Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.5 Mobile/15E148 Safari/604.1",
    { program: "Safari", system: "iPhone" },
  ],
  ["curl/8.5.0", { program: "curl" }],
  ["Dalvik/2.1.0 (Linux; U; Android 15)", { program: "Dalvik", system: "Android" }],
  ["Mozilla/5.0 (compatible)", {}],
  ["<script>alert(1)</script>", {}],
  ["", {}],
];

test("a program and its system are told from what it says of itself; what says nothing is nothing", () => {
  for (const [text, agent] of KNOWN) expect([text, readUserAgent(text)]).toEqual([text, agent]);
  expect(readUserAgent(null)).toEqual({});
});
