import { execFileSync, spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { installUnit } from "../../constructs/bootstrap/units/install.ts";
import { renderUnit } from "../../constructs/bootstrap/units/unit-file.ts";
import { exampleBundle } from "./support/example-bundle.ts";

describe("renderUnit", () => {
  test("writes sections, and a line for each value of a list", () => {
    const text = renderUnit({
      Unit: { Description: "a b" },
      Service: { Environment: ["A=1", "B=2"], Delegate: true, RestartSec: 2, AmbientCapabilities: "" },
    });
    expect(text).toBe(
      "[Unit]\nDescription=a b\n\n[Service]\nEnvironment=A=1\nEnvironment=B=2\nDelegate=yes\nRestartSec=2\nAmbientCapabilities=\n",
    );
  });

  test("no value makes a line of its own: it is one line or it is refused", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary" }), (value) => {
        let text: string;
        try {
          text = renderUnit({ Service: { ExecStart: value } });
        } catch (error) {
          expect(String(error)).toContain("unit.Service.ExecStart: not one line");
          return;
        }
        expect(text).toBe(`[Service]\nExecStart=${value}\n`);
        expect(text.split(/[\n\r]/)).toHaveLength(3);
        expect(value.endsWith("\\")).toBe(false);
      }),
    );
  });

  test("refuses names that would be something else", () => {
    expect(() => renderUnit({ "Unit]\n[Service": {} })).toThrow('unit: no section name, got "Unit]\\n[Service"; expected letters');
    expect(() => renderUnit({ Unit: { "A=B\nC": "" } })).toThrow('unit.Unit: no directive, got "A=B\\nC"; expected letters and digits');
  });
});

const analyze = "/usr/bin/systemd-analyze";
/** Debian 13 has 257; directives that this machine's systemd is too old for are not its to judge. */
const newerDirectives: Readonly<Record<string, number>> = { RestartMode: 254 };
const noSystemd = !existsSync(analyze);
if (noSystemd) process.stdout.write(`skipped: units read by systemd: ${analyze} is not on this machine\n`);

describe.skipIf(noSystemd)("systemd", () => {
  test.each(["server", "pool-web", "pool-workers"])("understands every directive of the units of %s", (role) => {
    const prefix = `roles/${role}/root/etc/systemd/system/`;
    const units = Object.entries(exampleBundle().files).filter(([path]) => path.startsWith(prefix));
    const texts = Object.fromEntries(units.map(([path, { content }]) => [path.slice(prefix.length), content]));
    expect(complaints({ ...texts, "edge-fleet-install.service": renderUnit(installUnit) })).toEqual([]);
  });

  test("would not understand a directive that it does not know", () => {
    const unit = renderUnit({ Service: { ExecStart: "/bin/true", Restarts: "always", MemoryMax: "much" } });
    const found = complaints({ "wrong.service": unit }).join("\n");
    expect(found).toContain("Unknown key 'Restarts' in section [Service]");
    expect(found).toMatch(/Invalid memory limit 'much'/);
  });
});

function complaints(units: Readonly<Record<string, string>>): string[] {
  const folder = mkdtempSync(join(tmpdir(), "units-"));
  try {
    const files = Object.entries(units).map(([name, content]) => {
      writeFileSync(join(folder, name), content);
      return join(folder, name);
    });
    const version = Number(/^systemd (\d+)/.exec(execFileSync(analyze, ["--version"], { encoding: "utf8" }))?.[1]);
    const { stderr } = spawnSync(analyze, ["verify", "--man=no", "--recursive-errors=no", ...files], { encoding: "utf8" });
    return (
      stderr
        .split("\n")
        // The machine's programs are not on this one.
        .filter((line) => line !== "" && !/Command \/opt\/edge-fleet\S+ is not executable/.test(line))
        .filter((line) => version >= (newerDirectives[/Unknown key '(\w+)'/.exec(line)?.[1] ?? ""] ?? 0))
    );
  } finally {
    rmSync(folder, { recursive: true });
  }
}
