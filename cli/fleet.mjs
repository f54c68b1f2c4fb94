#!/usr/bin/env node
// The command `fleet`: bundles cli/main.ts where a source is newer than the last bundle, then runs it in this process.
import { accessSync, constants, existsSync, mkdirSync, readdirSync, statSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";

const [major = 0, minor = 0] = process.versions.node.split(".").map(Number);
if (major < 20 || (major === 20 && minor < 19)) {
  // Before anything is imported: what follows does not even load on older ones.
  console.error(`node: too old, got ${process.versions.node}; expected 20.19 or newer. Install a newer one from https://nodejs.org.`);
  process.exit(1);
}

const root = resolve(dirname(fileURLToPath(import.meta.url)), "..");
const bundled = join(root, ".build/cli-main.mjs");
const sources = ["cli", "config", "constructs", "sandbox", "agent"].map((folder) => join(root, folder));

function newest(path) {
  const stat = statSync(path, { throwIfNoEntry: false });
  if (stat === undefined) return 0;
  if (!stat.isDirectory()) return stat.mtimeMs;
  // A folder's own time tells of files that were removed from it.
  return Math.max(stat.mtimeMs, ...readdirSync(path).map((name) => newest(join(path, name))));
}

if (!existsSync(join(root, "node_modules/esbuild"))) {
  console.error(`${root}: not installed, got no node_modules; expected the project's packages. Run \`npm ci\` there.`);
  process.exit(1);
}
const built = statSync(bundled, { throwIfNoEntry: false })?.mtimeMs ?? 0;
if ([...sources, join(root, "package-lock.json")].some((path) => newest(path) >= built)) {
  try {
    mkdirSync(dirname(bundled), { recursive: true });
    accessSync(dirname(bundled), constants.W_OK);
  } catch (error) {
    console.error(
      `${dirname(bundled)}: not writable, got ${error.code}; expected that this user may. Change its owner, or run as another user.`,
    );
    process.exit(1);
  }
  const { bundle } = await import("./run.mjs");
  await bundle("cli/main.ts");
}
// The SDK's news for its developers, on every command: package.json says which versions of Node are right.
process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED ??= "true";
await import(pathToFileURL(bundled).href);
