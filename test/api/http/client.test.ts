// Who is asking: only what our own proxies wrote down counts, and what cannot be understood is not believed.
import { describe, expect, test } from "bun:test";
import { BlockList } from "node:net";
import { clientOf, isLoopback, isLoopbackHost, networkOf } from "../../../src/api/http/client.ts";

const PROXIES = new BlockList();
PROXIES.addSubnet("10.0.0.0", 8, "ipv4");
PROXIES.addSubnet("127.0.0.1", 32, "ipv4");
PROXIES.addSubnet("fd00::", 8, "ipv6");
const NONE = new BlockList();

const PUBLIC = "https://auth.example.com";
const ask = (
  peer: string,
  headers: Record<string, string> = {},
  trustedProxies = PROXIES,
  url = "http://localhost:3000",
) =>
  clientOf(
    { config: { trustedProxies, url }, id: (prefix) => `${prefix}_1` },
    new Request("http://localhost/", { headers }),
    peer,
  );
const via = (peer: string, forwardedFor: string, proxies = PROXIES) =>
  ask(peer, { "x-forwarded-for": forwardedFor }, proxies).address;

describe("the address", () => {
  const cases: [what: string, peer: string, forwardedFor: string, address: string][] = [
    ["is the peer when it is no proxy of ours", "203.0.113.9", "198.51.100.1", "203.0.113.9"],
    ["is what a proxy wrote", "10.0.0.1", "198.51.100.1", "198.51.100.1"],
    ["is the hop before a chain of proxies", "10.0.0.1", "198.51.100.1, 10.9.9.9, 10.0.0.2", "198.51.100.1"],
    ["is the right-most hop that is no proxy", "10.0.0.1", "1.1.1.1, 198.51.100.1", "198.51.100.1"],
    ["is not what a caller put before it", "10.0.0.1", "10.0.0.7, 198.51.100.1, 10.0.0.2", "198.51.100.1"],
    ["is the left-most hop when all are proxies", "10.0.0.1", "10.0.0.3,10.0.0.2", "10.0.0.3"],
    ["survives spaces and tabs", "10.0.0.1", " 198.51.100.1 \t,\t10.0.0.2 ", "198.51.100.1"],
    ["is IPv6 in its shortest spelling", "10.0.0.1", "2001:DB8:0:0::0001", "2001:db8::1"],
    ["is IPv4 when it came wrapped in IPv6", "::ffff:203.0.113.9", "", "203.0.113.9"],
    ["is IPv4 also when wrapped in hex", "::FFFF:cb00:7109", "", "203.0.113.9"],
    ["is unwrapped in the header too", "10.0.0.1", "0:0:0:0:0:ffff:203.0.113.9", "203.0.113.9"],
    ["passes a proxy that came wrapped", "::ffff:10.0.0.1", "198.51.100.1", "198.51.100.1"],
    ["passes an IPv6 proxy", "fd00::1", "198.51.100.1, fd00::2", "198.51.100.1"],
    ["has no zone", "fe80::1%eth0", "", "fe80::1"],
    ["has no zone in the header either", "10.0.0.1", "fe80::1%25eth0", "fe80::1"],
  ];
  for (const [what, peer, forwardedFor, address] of cases) {
    test(what, () => expect(via(peer, forwardedFor)).toBe(address));
  }

  test("is always the peer when no proxy is trusted", () => {
    for (const peer of ["127.0.0.1", "::1", "203.0.113.9", "2001:db8::1"]) {
      expect(via(peer, "198.51.100.1", NONE)).toBe(peer);
    }
  });

  const nonsense = [
    "",
    ",",
    ",,,,",
    "unknown",
    "_hidden",
    "198.51.100.1:4711",
    "[2001:db8::1]",
    "[2001:db8::1]:4711",
    "198.51.100",
    "198.51.100.256",
    "0198.51.100.1",
    "0x7f000001",
    "2130706433",
    "::ffff:999.1.1.1",
    "1::2::3",
    ":::",
    "%",
    "%eth0",
    "localhost",
    "for=198.51.100.1",
    "' or 1=1 --",
    '"198.51.100.1"',
    "1.1.1.1 198.51.100.1",
    "9".repeat(10_000),
    ",".repeat(10_000),
  ];
  test("is the proxy's own when the proxy wrote nonsense, not that of an earlier hop", () => {
    for (const text of nonsense) {
      expect([text, via("10.0.0.1", text)]).toEqual([text, "10.0.0.1"]);
      expect([text, via("10.0.0.1", `198.51.100.1, ${text}`)]).toEqual([text, "10.0.0.1"]);
      expect([text, via("10.0.0.1", `198.51.100.1, ${text}, 10.0.0.2`)]).toEqual([text, "10.0.0.2"]);
    }
  });

  test("takes a peer that is gone or odd as it is, trusts it with nothing, and never throws", () => {
    for (const peer of ["", "unix", "/run/ostiary.sock", "::ffff:", "1.2.3", "%"]) {
      const client = ask(peer, { host: "localhost", "x-forwarded-for": "127.0.0.1" });
      expect(client.address).not.toBe("127.0.0.1");
      expect(ask(peer, { host: "localhost" }).isLocal).toBe(false);
    }
  });
});

describe("the network that limits count by", () => {
  const cases: [address: string, network: string][] = [
    ["203.0.113.9", "203.0.113.9"],
    ["2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"],
    ["2001:0db8:0001:0002::", "2001:db8:1:2::/64"],
    ["2001:db8::", "2001:db8:0:0::/64"],
    ["2001:db8::1:2:3:4", "2001:db8:0:0::/64"],
    ["2001::1:2:3:4:5", "2001:0:0:1::/64"],
    ["::1", "0:0:0:0::/64"],
    ["::", "0:0:0:0::/64"],
    ["1::", "1:0:0:0::/64"],
    ["64:ff9b::203.0.113.9", "64:ff9b:0:0::/64"],
    ["", ""],
    ["nonsense", "nonsense"],
  ];
  for (const [address, network] of cases) {
    test(`of ${JSON.stringify(address)} is ${JSON.stringify(network)}`, () =>
      expect(networkOf(address)).toBe(network));
  }

  test("is one for a whole /64, however its addresses are spelled, and another for the next /64", () => {
    const spellings = ["2001:db8:1:2::1", "2001:DB8:1:2:ffff:ffff:ffff:ffff", "2001:0db8:01:002:0:0:0:9"];
    expect(new Set(spellings.map((address) => ask(address).network)).size).toBe(1);
    expect(ask("2001:db8:1:3::1").network).not.toBe(ask("2001:db8:1:2::1").network);
  });

  test("is not shared by IPv4 addresses that came wrapped in IPv6", () => {
    expect(ask("::ffff:203.0.113.9").network).toBe("203.0.113.9");
    expect(ask("::ffff:cb00:710a").network).toBe("203.0.113.10");
  });
});

describe("this very machine", () => {
  const local = { host: "localhost:3000" };
  test("is a loopback peer that names a loopback host", () => {
    for (const peer of ["127.0.0.1", "127.9.8.7", "::1", "::ffff:127.0.0.1", "0:0:0:0:0:0:0:1"]) {
      for (const host of ["localhost", "LOCALHOST:1", "127.0.0.1:3000", "[::1]"]) {
        expect([peer, host, ask(peer, { host }, NONE).isLocal]).toEqual([peer, host, true]);
      }
    }
  });

  test("is no other peer, and no other host", () => {
    for (const peer of ["203.0.113.9", "10.0.0.1", "::2", "::ffff:10.0.0.1", "128.0.0.1", "::127.0.0.1"]) {
      expect([peer, ask(peer, local).isLocal]).toEqual([peer, false]);
    }
    const foreign = [
      "example.com",
      "localhost.example.com",
      "127.0.0.1.nip.io",
      "127.1",
      "localhost,localhost",
    ];
    for (const host of [...foreign, "", "localhost:", "localhost:123456", "x@localhost", "localhost."]) {
      expect([host, ask("127.0.0.1", { host }).isLocal]).toEqual([host, false]);
    }
  });

  test("is nobody who was forwarded or sits in a browser page, also when the peer is a trusted proxy", () => {
    const telling = [
      "forwarded",
      "x-forwarded-for",
      "x-forwarded-host",
      "x-forwarded",
      "x-real-ip",
      "via",
      "origin",
    ];
    for (const name of telling) {
      for (const value of ["127.0.0.1", ""]) {
        expect([name, ask("127.0.0.1", { ...local, [name]: value }).isLocal]).toEqual([name, false]);
      }
    }
  });

  test("is nobody whom a proxy that was told nothing hands on, where the server has a public name", () => {
    for (const connection of ["close", "Close", "TE, close"]) {
      expect([connection, ask("127.0.0.1", { ...local, connection }, NONE, PUBLIC).isLocal]).toEqual([
        connection,
        false,
      ]);
      expect(ask("127.0.0.1", { ...local, connection }, NONE).isLocal).toBe(true);
    }
    expect(ask("127.0.0.1", { ...local, connection: "keep-alive" }, NONE, PUBLIC).isLocal).toBe(true);
    expect(ask("127.0.0.1", local, NONE, PUBLIC).isLocal).toBe(true);
  });

  test("is told by exact spelling", () => {
    expect(["127.0.0.1", "::1"].every(isLoopback)).toBe(true);
    expect(["127.0.0.1.example.com", "x127.0.0.1", "::11", "", "localhost"].some(isLoopback)).toBe(false);
    expect(isLoopbackHost("localhost\n")).toBe(false);
  });
});

test("a user agent is kept up to 512 characters, and none is null", () => {
  expect(ask("127.0.0.1").userAgent).toBeNull();
  expect(ask("127.0.0.1", { "user-agent": "x".repeat(5000) }).userAgent).toBe("x".repeat(512));
});
