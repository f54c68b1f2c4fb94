import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { run } from "../host/run.ts";
import { hostFetchSettings } from "./apt.ts";

const hostCertificates = "/etc/ssl/certs/ca-certificates.crt";

/** Installs packages by apt inside a tree, with the host's way to the network, and leaves nothing of that behind. */
export async function installPackages(tree: string, packages: readonly string[], onLine: (line: string) => void): Promise<void> {
  const resolv = join(tree, "etc/resolv.conf");
  const certificates = join(tree, "tmp/host-certificates.crt");
  const settings = join(tree, "etc/apt/apt.conf.d/99edge-fleet-host");
  const noServices = join(tree, "usr/sbin/policy-rc.d");
  const write = (file: string, text: string, mode = 0o644) => {
    mkdirSync(dirname(file), { recursive: true });
    rmSync(file, { force: true });
    writeFileSync(file, text, { mode });
  };
  try {
    write(resolv, readFileSync("/etc/resolv.conf", "utf8"));
    const lines = [...(await hostFetchSettings()), 'APT::Sandbox::User "root";'];
    if (existsSync(hostCertificates)) {
      write(certificates, readFileSync(hostCertificates, "utf8"));
      lines.push('Acquire::https::CAInfo "/tmp/host-certificates.crt";');
    }
    write(settings, `${lines.join("\n")}\n`);
    // Debian's own switch: no service starts in a tree that does not run.
    write(noServices, "#!/bin/sh\nexit 101\n", 0o755);
    const apt = (...args: string[]) =>
      run("chroot", [tree, "apt-get", "-q", "-y", ...args], {
        env: { DEBIAN_FRONTEND: "noninteractive", LC_ALL: "C.UTF-8", TMPDIR: "/tmp" },
        onLine,
      });
    await apt("update");
    // Unsafe: a tree that is not complete is thrown away.
    await apt("install", "--no-install-recommends", "-o", "Dpkg::Options::=--force-unsafe-io", ...packages);
    await apt("clean");
    rmSync(join(tree, "var/lib/apt/lists"), { recursive: true, force: true });
  } finally {
    for (const file of [resolv, certificates, settings, noServices]) rmSync(file, { force: true });
  }
}
