// Bundles the agent into one file, .build/agent.cjs, which the node bundle carries: the same sources give the same bytes.
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { dirname, join, relative, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

const root = resolve(dirname(fileURLToPath(import.meta.url)), "..");

export const agentProgram = join(root, ".build", "agent.cjs");

/** Builds the agent's program and returns its size in bytes and its sha256. */
export async function buildAgent() {
  await build({
    // Paths in the output are relative to this, so that the folder of the checkout does not matter.
    absWorkingDir: root,
    entryPoints: ["agent/main.ts"],
    outfile: agentProgram,
    bundle: true,
    platform: "node",
    target: "node20",
    format: "cjs",
    // Names stay: a stack trace in a journal must be readable.
    minifyWhitespace: true,
    minifySyntax: true,
    legalComments: "none",
    sourcemap: false,
    logLevel: "warning",
  });
  const content = readFileSync(agentProgram);
  return { size: content.length, sha256: createHash("sha256").update(content).digest("hex") };
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const { size, sha256 } = await buildAgent();
  process.stdout.write(`${relative(root, agentProgram)}: ${(size / 1024).toFixed(0)} KB, sha256 ${sha256.slice(0, 12)}\n`);
}
