// The short form of test/slow/kill.slow.ts, before each commit.
import { test } from "bun:test";
import { killInRounds } from "../support/kill.ts";

test("three times kill -9 in the middle of everything: nothing acknowledged is lost, nothing spent is good again", () =>
  killInRounds(3));
