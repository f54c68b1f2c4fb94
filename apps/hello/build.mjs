// Builds app.wasm: the WASI interfaces as jco brings them, made to fit its JavaScript engine, then jco itself.
import { execFileSync } from "node:child_process";
import { cpSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";

const here = import.meta.dirname;
const jco = join(here, "node_modules/@bytecodealliance/jco");
const wit = join(here, ".build/wit");

/** The engine exports its handler under this version only; jco's files have another label on the same text. */
const engineVersion = "0.2.10";
const shippedVersion = "0.2.12";

/** What app.wit names, and what that uses. All of WASI would collide with the engine's own interfaces. */
const wanted = {
  io: ["error", "poll", "streams"],
  clocks: ["monotonic-clock"],
  cli: ["environment"],
  http: ["types", "incoming-handler", "outgoing-handler"],
};

rmSync(wit, { recursive: true, force: true });
for (const [name, interfaces] of Object.entries(wanted)) {
  const shipped = readFileSync(join(jco, `lib/wit/builtin/${shippedVersion}/wasi-${name}/package.wit`), "utf8");
  const parts = interfaces.map((one) => {
    const part = new RegExp(`^interface ${one} \\{\\n[^]*?^\\}\\n?`, "m").exec(shipped);
    if (part === null) throw new Error(`wasi:${name}: no interface ${one} in jco's files. Was jco's version changed?`);
    return part[0];
  });
  const text = `package wasi:${name}@${shippedVersion};\n\n${parts.join("\n")}`.replaceAll(`@${shippedVersion}`, `@${engineVersion}`);
  mkdirSync(join(wit, "deps", name), { recursive: true });
  writeFileSync(join(wit, "deps", name, "package.wit"), text);
}
cpSync(join(here, "world.wit"), join(wit, "world.wit"));

const arguments_ = ["componentize", "src/main.ts", "--wit", wit, "--world-name", "app", "--out", "app.wasm"];
execFileSync(join(here, "node_modules/.bin/jco"), arguments_, { cwd: here, stdio: "inherit" });
