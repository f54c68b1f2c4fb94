/** What `.ci/run` runs after `npm ci`: every tier that fits into the hour and has what it needs; one closing line for all. */
import { agentsInCache } from "./agents-in-cache.ts";
import { closingLine, runTier } from "./run-tier.ts";
import type { TierName } from "./tiers.ts";
import { tiers } from "./tiers.ts";

const started = Date.now();
const budgetMinutes = 60;
const total = { passed: 0, failed: 0, skipped: 0 };

for (const name of ["unit", "host", "boot", "deploy"] as const satisfies readonly TierName[]) {
  const reason = whyNot(name);
  if (reason !== undefined) {
    process.stdout.write(`\n=== ${name}: skipped, ${reason}\n`);
    total.skipped += 1;
    continue;
  }
  process.stdout.write(`\n=== ${name}: ${tiers[name].title}\n`);
  const result = await runTier(name);
  for (const skip of result.skipReasons) process.stdout.write(`skipped: ${skip}\n`);
  process.stdout.write(`=== ${name}: ${closingLine(result)} in ${result.seconds} s\n`);
  total.passed += result.passed;
  total.failed += result.failed;
  total.skipped += result.skipped;
}
process.stdout.write(`\n${closingLine(total)}\n`);
process.exitCode = total.failed === 0 ? 0 : 1;

function whyNot(name: TierName): string | undefined {
  const minutesLeft = budgetMinutes - (Date.now() - started) / 60_000;
  if (name !== "unit" && minutesLeft < tiers[name].minutes)
    return `${Math.round(minutesLeft)} of ${budgetMinutes} minutes left, it may take ${tiers[name].minutes}`;
  if (name === "boot") return agentsInCache();
  return undefined;
}
