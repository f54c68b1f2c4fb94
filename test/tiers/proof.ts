import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import type { TierResult } from "./run-tier.ts";
import { closingLine } from "./run-tier.ts";
import type { TierName } from "./tiers.ts";
import { tiers } from "./tiers.ts";

const file = fileURLToPath(new URL("../../docs/proof.md", import.meta.url));

/** Replaces the tier's section of docs/proof.md; in CI the tree is thrown away, so nothing is written there. */
export function writeProof(name: TierName, result: TierResult): void {
  if (process.env.CI !== undefined) return;
  const header = "# Proof\n\nThe last run of each test tier, written by the run itself. An emulator proves the wiring, not AWS.\n";
  const before = existsSync(file) ? readFileSync(file, "utf8") : header;
  const sections = new Map(
    before
      .split(/^(?=## )/m)
      .slice(1)
      .map((text) => [text.slice(3, text.indexOf("\n")), text.trimEnd()]),
  );
  sections.set(name, section(name, result));
  const order = Object.keys(tiers);
  const sorted = [...sections].sort(([a], [b]) => order.indexOf(a) - order.indexOf(b)).map(([, text]) => text);
  writeFileSync(file, `${header}\n${sorted.join("\n\n")}\n`);
}

function section(name: TierName, result: TierResult): string {
  const lines = [
    `## ${name}`,
    "",
    `${tiers[name].title}.`,
    "",
    `- ${new Date().toISOString().slice(0, 10)}: ${closingLine(result)}, ${result.seconds} s`,
    ...result.skipReasons.map((reason) => `- skipped: ${reason}`),
  ];
  return lines.join("\n");
}
