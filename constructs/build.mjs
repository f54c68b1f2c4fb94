// Makes dist/: the constructs as other projects import them, compiled, with the scripts and the agent that they carry.
import { spawnSync } from "node:child_process";
import { copyFileSync, cpSync, rmSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { agentProgram, buildAgent } from "../agent/build.mjs";

const root = resolve(dirname(fileURLToPath(import.meta.url)), "..");
const dist = join(root, "dist");
const compiler = join(dirname(createRequire(import.meta.url).resolve("typescript/package.json")), "bin", "tsc");

// What is no longer compiled would otherwise stay importable.
rmSync(dist, { recursive: true, force: true });
const { status } = spawnSync(process.execPath, [compiler, "--project", join(root, "tsconfig.build.json")], { stdio: "inherit" });
if (status !== 0) process.exit(status ?? 1);

const bootstrap = join("constructs", "bootstrap");
cpSync(join(root, bootstrap, "files"), join(dist, bootstrap, "files"), { recursive: true });
await buildAgent();
copyFileSync(agentProgram, join(dist, bootstrap, "agent.cjs"));
