/** `node cli/run.mjs test/tiers/run.ts <tier>`: runs one tier, prints what it skipped and why, keeps a dated report. */

import { writeProof } from "./proof.ts";
import { closingLine, runTier } from "./run-tier.ts";
import type { TierName } from "./tiers.ts";
import { tiers } from "./tiers.ts";

const name = process.argv[2];
if (name === undefined || !(name in tiers)) {
  process.stderr.write(`tier: unknown name, got ${name ?? "nothing"}; expected ${Object.keys(tiers).join(" | ")}. Name one of them\n`);
  process.exit(2);
}
const result = await runTier(name as TierName);
for (const reason of result.skipReasons) process.stdout.write(`skipped: ${reason}\n`);
writeProof(name as TierName, result);
process.stdout.write(`${closingLine(result)}\n`);
process.exitCode = result.ok ? 0 : 1;
