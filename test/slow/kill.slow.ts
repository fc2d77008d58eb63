// kill -9 at random moments: what was acknowledged is there, what was spent stays dead, nothing is half done. FAULTS_SEED repeats a run.
import { test } from "bun:test";
import { killInRounds } from "../support/kill.ts";

test("twenty-four times kill -9 in the middle of everything", () => killInRounds(24));
