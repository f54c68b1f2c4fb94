/**
 * `npm run bench`: what synth costs, as ratios of runs made side by side (A B A B ...), so that a busy machine changes little;
 * then the time line of an `up` with filled caches. CPU is user + system time of the whole process, from the kernel.
 */
import { spawnSync } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { isSandboxRunning } from "../sandbox/sandbox.ts";
import { agentsInCache } from "../test/tiers/agents-in-cache.ts";

const root = resolve(fileURLToPath(new URL("..", import.meta.url)));
const rounds = Number(process.argv[2] ?? 7);
const out = mkdtempSync(join(tmpdir(), "edge-fleet-bench-"));

interface Way {
  readonly name: string;
  readonly command: readonly string[];
  readonly cwd?: string;
}

try {
  const bundled = join(root, ".build", "main.mjs");
  must(spawnSync("node", ["agent/build.mjs"], { cwd: root, stdio: "inherit" }).status === 0, "agent/build.mjs failed");
  must(spawnSync("node", ["cli/run.mjs", "main.ts"], { cwd: root, env: environment(), stdio: "inherit" }).status === 0, "synth failed");
  const precompiled = precompile();
  const template = tsNode();
  const ways: Way[] = [
    { name: "bundle, already built", command: ["node", bundled] },
    { name: "precompiled, not bundled", command: ["node", precompiled] },
    { name: "bundle, build and run", command: ["node", join(root, "cli/run.mjs"), "main.ts"], cwd: root },
    ...(template === undefined ? [] : [template]),
  ];
  const cpu = new Map<string, number[]>(ways.map((way) => [way.name, []]));
  for (let round = 0; round < rounds; round++) for (const way of ways) cpu.get(way.name)?.push(measure(way));
  const base = cpu.get("bundle, already built") ?? [];
  for (const way of ways) {
    const own = cpu.get(way.name) ?? [];
    const ratio = median(own.map((value, i) => value / (base[i] ?? value)));
    console.log(`${way.name.padEnd(28)} ${median(own).toFixed(3)} s cpu   ${ratio.toFixed(2)}x of the built bundle`);
  }
  const against = median(base.map((value, i) => value / (cpu.get("precompiled, not bundled")?.[i] ?? value)));
  console.log(`built bundle / precompiled: ${against.toFixed(2)}x (target: at most 0.75x)`);
  if (template !== undefined) {
    const ratio = median((cpu.get(template.name) ?? []).map((value, i) => value / (base[i] ?? value)));
    console.log(`ts-node template / built bundle: ${ratio.toFixed(1)}x (target: at least 8x)`);
  }
  timelineOfUp();
} finally {
  rmSync(out, { recursive: true, force: true });
}

function environment(): NodeJS.ProcessEnv {
  const { NODE_EXTRA_CA_CERTS: _slowsEveryStart, ...rest } = process.env;
  return { ...rest, CDKTF_OUTDIR: join(out, "cdktf.out") };
}

/** One run's CPU seconds, by the shell's `times` of its children. */
function measure(way: Way): number {
  const command = way.command.map((word) => `'${word}'`).join(" ");
  const run = spawnSync("bash", ["-c", `${command} >/dev/null 2>"${out}/stderr"; code=$?; times; exit $code`], {
    cwd: way.cwd ?? root,
    env: environment(),
    encoding: "utf8",
  });
  must(run.status === 0, `${way.name} failed, see ${out}/stderr`);
  const children = run.stdout.trim().split("\n").at(-1) ?? "";
  return [...children.matchAll(/(\d+)m([\d.]+)s/g)].reduce((sum, m) => sum + Number(m[1]) * 60 + Number(m[2]), 0);
}

/** Our sources as tsc emits them, imports left alone, run by plain node. */
function precompile(): string {
  const folder = join(out, "precompiled");
  const project = join(root, ".build", "tsconfig.bench.json");
  const compilerOptions = { noEmit: false, allowImportingTsExtensions: false, rootDir: root, outDir: folder };
  writeFileSync(project, JSON.stringify({ extends: "../tsconfig.json", compilerOptions, include: [], files: ["../main.ts"] }));
  must(spawnSync("npx", ["tsc", "--project", project], { cwd: root, stdio: "inherit" }).status === 0, "tsc failed");
  cpSync(join(root, "constructs", "bootstrap", "files"), join(folder, "constructs", "bootstrap", "files"), { recursive: true });
  for (const link of ["node_modules", ".build", "package.json"]) symlinkSync(join(root, link), join(folder, link));
  return join(folder, "main.js");
}

/**
 * The cdktf template's way: `npx ts-node main.ts` as CommonJS, type check included, deep imports as here.
 * A copy in the temporary folder: the template's module system knows neither `.ts` in imports nor `import.meta`.
 */
function tsNode(): Way | undefined {
  const folder = join(out, "template");
  mkdirSync(folder);
  for (const part of ["main.ts", "config", "constructs", "stacks"]) cpSync(join(root, part), join(folder, part), { recursive: true });
  cpSync(join(root, ".build", "agent.cjs"), join(folder, ".build", "agent.cjs"));
  for (const file of readdirSync(folder, { recursive: true, encoding: "utf8" }).filter((name) => name.endsWith(".ts"))) {
    const text = readFileSync(join(folder, file), "utf8");
    const old = text
      .replace(/(from "\.[^"]*)\.ts"/g, '$1"')
      .replaceAll(["import", "meta", "url"].join("."), 'require("node:url").pathToFileURL(__filename).href');
    writeFileSync(join(folder, file), old);
  }
  const compilerOptions = {
    target: "ES2022",
    lib: ["ES2023"],
    module: "commonjs",
    moduleResolution: "node10",
    strict: true,
    esModuleInterop: true,
    resolveJsonModule: true,
    skipLibCheck: true,
    types: ["node"],
  };
  writeFileSync(join(folder, "tsconfig.json"), JSON.stringify({ compilerOptions }));
  writeFileSync(join(folder, "package.json"), '{"private":true}\n');
  const install = spawnSync("npm", ["install", "--silent", "--prefix", join(out, "ts-node"), "ts-node@10.9.2", "typescript@5.9.3"], {
    cwd: out,
    stdio: "ignore",
  });
  symlinkSync(join(root, "node_modules"), join(folder, "node_modules"));
  if (install.status !== 0) {
    console.log("ts-node template: skipped, ts-node could not be installed from the registry");
    return undefined;
  }
  const modules = join(out, "ts-node", "node_modules");
  return {
    name: "ts-node, the cdktf template",
    command: ["node", join(modules, "ts-node/dist/bin.js"), "-C", join(modules, "typescript"), "main.ts"],
    cwd: folder,
  };
}

/** Seconds of an `up` from nothing, with its critical path; the sandbox is taken down again. */
function timelineOfUp(): void {
  const reason = agentsInCache() ?? (isSandboxRunning() ? "a sandbox runs already" : undefined);
  if (reason !== undefined) {
    console.log(`time line of up: skipped, ${reason}`);
    return;
  }
  const up = spawnSync("node", ["cli/fleet.mjs", "up", "sandbox"], { cwd: root, encoding: "utf8", stdio: ["ignore", "pipe", "ignore"] });
  must(spawnSync("node", ["cli/fleet.mjs", "down", "sandbox", "--everything"], { cwd: root, stdio: "ignore" }).status === 0, "down failed");
  must(up.status === 0, `up failed\n${up.stdout}`);
  console.log(up.stdout);
}

function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;
}

function must(condition: boolean, message: string): asserts condition {
  if (!condition) throw new Error(`bench: ${message}`);
}
