import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { debianArchive, fetchSettings, packageNames, proxyOf, publicArchive, sourcesList } from "../../sandbox/machines/apt.ts";
import { machineDifferences } from "../../sandbox/machines/differences.ts";

describe("debianArchive", () => {
  test("takes the host's mirror from either format of apt's sources", () => {
    const deb822 = "Types: deb\nURIs: http://mirror.example/debian/\nSuites: bookworm\nComponents: main\n";
    const security = "deb [arch=amd64] https://mirror.example/debian-security bookworm-security main\n";
    expect(debianArchive([deb822, security])).toEqual({
      mirror: "http://mirror.example/debian",
      securityMirror: "https://mirror.example/debian-security",
    });
  });

  test("a mirror without security updates gets none from elsewhere: the host may reach nothing else", () => {
    expect(debianArchive(["deb http://mirror.example/debian bookworm main"])).toEqual({ mirror: "http://mirror.example/debian" });
    expect(sourcesList({ mirror: "http://mirror.example/debian" }, "trixie")).toBe(
      "deb http://mirror.example/debian trixie main\ndeb http://mirror.example/debian trixie-updates main\n",
    );
  });

  test("a host of another kind uses Debian's public archive; commented lines do not count", () => {
    expect(debianArchive(["deb http://archive.ubuntu.com/ubuntu noble main", "# deb http://old.example/debian buster main"])).toEqual(
      publicArchive,
    );
    expect(debianArchive([])).toEqual(publicArchive);
  });
});

test("fetchSettings keeps proxies and time-outs and leaves out what names files of the host", () => {
  const dump = [
    'APT::Architecture "amd64";',
    'Acquire::http "";',
    'Acquire::http::Proxy "http://proxy.example:3128";',
    'Acquire::https::CAInfo "/etc/ssl/own.pem";',
    'Acquire::http::Proxy-Auto-Detect "/usr/bin/detect";',
    'Acquire::Retries "5";',
  ].join("\n");
  const settings = fetchSettings(dump);
  expect(settings).toEqual(['Acquire::http::Proxy "http://proxy.example:3128";', 'Acquire::Retries "5";']);
  expect(proxyOf(settings, "http")).toBe("http://proxy.example:3128");
  expect(proxyOf(settings, "https")).toBeUndefined();
});

test("the machines' packages hold no compiler, no AWS tool and nothing twice: only what an instance has, too", () => {
  const names = packageNames(readFileSync("sandbox/machines/packages.txt", "utf8"));
  expect(names).toEqual(expect.arrayContaining(["cloud-init", "curl", "ca-certificates", "python3", "iproute2", "systemd-resolved"]));
  expect(new Set(names).size).toBe(names.length);
  expect(names.filter((name) => /awscli|jq|gcc|nodejs|unzip/.test(name))).toEqual([]);
  expect(names.every((name) => /^[a-z0-9][a-z0-9+.-]+$/.test(name))).toBe(true);
});

describe("machineDifferences", () => {
  const machine = { hostname: "ip-10-30-0-4", machineId: "0".repeat(32), addresses: ["10.30.0.4", "10.30.0.5"] };
  const files = machineDifferences(machine);
  const content = (path: string) => files.find((file) => file.path === path)?.content ?? "";

  test("each has a reason, a relative path, and either text or a link", () => {
    for (const { path, reason, content: text, link } of files) {
      expect(reason.length, path).toBeGreaterThan(20);
      expect(path).not.toMatch(/^\/|\.\./);
      expect((text === undefined) !== (link === undefined), path).toBe(true);
    }
    expect(new Set(files.map(({ path }) => path)).size).toBe(files.length);
  });

  test("all addresses reach the link, and every service gets the emulator's address", () => {
    expect(content("etc/systemd/network/10-host0.network").match(/^Address=.*$/gm)).toEqual(["Address=10.30.0.4/8", "Address=10.30.0.5/8"]);
    expect(content("etc/systemd/system/sandbox-address.service").match(/10\.30\.0\.\d\/8/g)).toHaveLength(2);
    expect(content("etc/systemd/system.conf.d/50-sandbox.conf")).toContain("DefaultEnvironment=AWS_ENDPOINT_URL=http://10.255.255.1:5000");
  });
});
