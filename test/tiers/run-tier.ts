import { spawn } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, rmSync } from "node:fs";
import { join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { cacheFolder } from "../../sandbox/host/folders.ts";
import type { TierCommand, TierName } from "./tiers.ts";
import { tiers } from "./tiers.ts";

export interface TierResult {
  readonly ok: boolean;
  readonly passed: number;
  readonly failed: number;
  readonly skipped: number;
  readonly skipReasons: readonly string[];
  readonly seconds: number;
}

const root = resolve(fileURLToPath(new URL("../..", import.meta.url)));

export const closingLine = (r: Pick<TierResult, "passed" | "failed" | "skipped">): string =>
  `${r.passed} passed, ${r.failed} failed, ${r.skipped} skipped`;

export async function runTier(name: TierName): Promise<TierResult> {
  const tier = tiers[name];
  const started = Date.now();
  const sum = { passed: 0, failed: 0, skipped: 0, reasons: [] as string[] };
  let ok = true;
  for (const command of tier.commands) {
    const left = tier.minutes * 60_000 - (Date.now() - started);
    const outcome = await runCommand(name, command, left);
    sum.passed += outcome.passed;
    sum.failed += outcome.failed;
    sum.skipped += outcome.skipped;
    sum.reasons.push(...outcome.reasons);
    if (!outcome.ok) {
      ok = false;
      if (outcome.failed === 0) sum.failed += 1;
      break;
    }
  }
  return {
    ok,
    passed: sum.passed,
    failed: sum.failed,
    skipped: sum.skipped,
    skipReasons: sum.reasons,
    seconds: Math.round((Date.now() - started) / 1000),
  };
}

interface Outcome {
  readonly ok: boolean;
  readonly passed: number;
  readonly failed: number;
  readonly skipped: number;
  readonly reasons: readonly string[];
}

async function runCommand(tier: TierName, command: TierCommand, milliseconds: number): Promise<Outcome> {
  const none = { passed: 0, failed: 0, skipped: 0, reasons: [] };
  if (command.kind === "plain") {
    const cwd = command.command === "cargo" ? join(root, "app-host") : root;
    return { ...none, ok: (await spawned(command.command, command.args, cwd, milliseconds)).code === 0 };
  }
  if (command.kind === "cargo") {
    const { code, output } = await spawned("cargo", command.args, join(root, "app-host"), milliseconds);
    return { ...cargoCounts(output), ok: code === 0 };
  }
  const report = join(root, ".build", "reports", `${tier}.json`);
  mkdirSync(join(root, ".build", "reports"), { recursive: true });
  rmSync(report, { force: true });
  const args = ["vitest", "run", "--config", command.config, "--reporter=default", "--reporter=json", `--outputFile.json=${report}`];
  const { code } = await spawned("npx", args, root, milliseconds);
  return { ...vitestCounts(report), ok: code === 0 };
}

function spawned(command: string, args: readonly string[], cwd: string, milliseconds: number): Promise<{ code: number; output: string }> {
  return new Promise((done) => {
    const env = { ...process.env, CARGO_TARGET_DIR: join(cacheFolder(), "app-host", "target") };
    const child = spawn(command, args, { cwd, env, stdio: ["ignore", "pipe", "inherit"], detached: true });
    const chunks: Buffer[] = [];
    child.stdout.on("data", (chunk: Buffer) => {
      chunks.push(chunk);
      process.stdout.write(chunk);
    });
    const timer = setTimeout(
      () => {
        process.stderr.write(`${command} ${args.join(" ")}: over its time of ${Math.round(milliseconds / 1000)} s, ended\n`);
        if (child.pid !== undefined) process.kill(-child.pid, "SIGTERM");
      },
      Math.max(milliseconds, 1000),
    );
    child.on("error", (error) => process.stderr.write(`${command}: ${error.message}\n`));
    child.on("close", (code) => {
      clearTimeout(timer);
      done({ code: code ?? 1, output: Buffer.concat(chunks).toString("utf8") });
    });
  });
}

function cargoCounts(output: string): Omit<Outcome, "ok"> {
  const counts = { passed: 0, failed: 0, skipped: 0 };
  for (const match of output.matchAll(/^test result: .* (\d+) passed; (\d+) failed; (\d+) ignored/gm)) {
    counts.passed += Number(match[1]);
    counts.failed += Number(match[2]);
    counts.skipped += Number(match[3]);
  }
  const ignored = [...output.matchAll(/^test (\S+) \.\.\. ignored,? ?(.*)$/gm)].map((m) => `${m[1]}: ${m[2] || "no reason given"}`);
  return { ...counts, reasons: ignored };
}

interface VitestReport {
  readonly numPassedTests: number;
  readonly numFailedTests: number;
  readonly numPendingTests: number;
  readonly testResults: readonly { readonly assertionResults: readonly { readonly status: string; readonly fullName: string }[] }[];
}

/** A skipped test carries its reason in its name: `skipped: <reason>`. */
function vitestCounts(file: string): Omit<Outcome, "ok"> {
  if (!existsSync(file)) return { passed: 0, failed: 0, skipped: 0, reasons: [] };
  const report = JSON.parse(readFileSync(file, "utf8")) as VitestReport;
  const skipped = report.testResults.flatMap((f) => f.assertionResults.filter((t) => t.status === "pending" || t.status === "skipped"));
  return {
    passed: report.numPassedTests,
    failed: report.numFailedTests,
    skipped: skipped.length,
    reasons: skipped.map((t) => t.fullName),
  };
}
