import { X509Certificate } from "node:crypto";
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, describe, expect, test } from "vitest";
import { bootstrapNode } from "../../../agent/bootstrap/bootstrap-node.ts";
import { certificateHolds, createAuthority, issueCertificates, type Tools } from "../../../agent/bootstrap/certificates.ts";
import { withPrivateFolder } from "../../../agent/bootstrap/private-folder.ts";
import { parseServerSecret } from "../../../agent/bootstrap/secret-documents.ts";
import { bootFiles, tlsFiles } from "../../../constructs/bootstrap/layout.ts";
import { program } from "../../bootstrap/support/local-agents.ts";
import { agentsInCache } from "../../tiers/agents-in-cache.ts";
import { serverSettings, TestMachine, TestSources } from "./support.ts";

const missing = agentsInCache();
if (missing !== undefined) process.stdout.write(`skipped: a server's bootstrap: ${missing}\n`);

describe.skipIf(missing !== undefined)("a server's bootstrap", () => {
  const tools: Tools = { consul: program("consul"), nomad: program("nomad") };
  const machines: TestMachine[] = [];
  const server = (sources: TestSources) => {
    const machine = new TestMachine();
    machines.push(machine);
    return {
      machine,
      boot: () => bootstrapNode({ settings: serverSettings, sources, log: machine.log, machine, tools, lastGoodAfterMs: 300 }),
    };
  };
  const read = ({ root }: TestMachine, path: string) => readFileSync(join(root, path), "utf8");

  afterEach(() => {
    for (const { root } of machines.splice(0)) rmSync(root, { recursive: true });
  });

  test("three that boot at once end up with one authority, whoever wrote first, each with certificates of its own", async () => {
    const first = new TestSources();
    const all = ["10.0.0.1", "10.0.0.2", "10.0.0.3"].map((address, index) => {
      const sources = Object.assign(new TestSources(), { name: `i-${index}`, address, addresses: ["10.0.0.1", "10.0.0.2", "10.0.0.3"] });
      return { address, ...server(Object.assign(sources, { store: first.store })) };
    });
    expect(await Promise.all(all.map(({ boot }) => boot()))).toEqual(["written", "written", "written"]);
    const secret = parseServerSecret("s", first.store.values.get("sandbox/servers") ?? "");
    for (const { address, machine } of all) {
      expect(read(machine, tlsFiles.ca)).toBe(secret.caCertificate);
      for (const [file, name] of [
        [tlsFiles.consulCertificate, "server.dc1.consul"],
        [tlsFiles.nomadCertificate, "server.global.nomad"],
      ] as const) {
        const certificate = new X509Certificate(read(machine, file));
        expect(certificate.verify(new X509Certificate(secret.caCertificate).publicKey)).toBe(true);
        expect(certificate.subjectAltName?.split(", ").sort()).toEqual(
          [`DNS:${name}`, "DNS:localhost", `IP Address:${address}`, "IP Address:127.0.0.1"].sort(),
        );
      }
      const others = all.map((each) => each.address).filter((each) => each !== address);
      expect(JSON.parse(read(machine, bootFiles.consul))).toMatchObject({
        retry_join: others,
        acl: { tokens: { agent: secret.consulServerToken } },
      });
      expect(JSON.parse(read(machine, bootFiles.nomad))).toMatchObject({
        server: { encrypt: secret.nomadGossipKey, server_join: { retry_join: others } },
      });
    }
  });

  test("leaves neither the authority's key nor a management token on disk or in the log", async () => {
    const sources = new TestSources();
    const { machine, boot } = server(sources);
    await boot();
    const { caKey, consulManagementToken, nomadManagementToken } = parseServerSecret(
      "s",
      sources.store.values.get("sandbox/servers") ?? "",
    );
    const texts = [...Object.keys(machine.modes()).map((path) => read(machine, path)), machine.lines.join("\n")].join("\n");
    for (const secret of [caKey.split("\n")[1] ?? "", consulManagementToken, nomadManagementToken]) {
      expect(secret.length).toBeGreaterThan(30);
      expect(texts).not.toContain(secret);
    }
  });

  test("keeps its certificates, and issues them anew when the address or the authority is another", async () => {
    const sources = new TestSources();
    const { machine, boot } = server(sources);
    await boot();
    const before = read(machine, tlsFiles.consulCertificate);
    expect(await boot()).toBe("unchanged");
    sources.address = "10.0.0.7";
    expect(await boot()).toBe("written");
    const moved = read(machine, tlsFiles.consulCertificate);
    expect(moved).not.toBe(before);
    sources.store.values.clear();
    expect(await boot()).toBe("written");
    expect(read(machine, tlsFiles.consulCertificate)).not.toBe(moved);
    sources.store.failure = new Error("unreachable");
    expect(await boot()).toBe("last good");
  });

  test("a certificate holds only for its authority, key, address and time", async () => {
    const authority = await createAuthority("One", tools);
    const other = await createAuthority("Two", tools);
    const [issued, another] = await issueCertificates(
      authority,
      [
        { program: "nomad", role: "server", address: "10.0.0.1", days: 2 },
        { program: "nomad", role: "client", days: 2 },
      ],
      tools,
    );
    if (issued === undefined || another === undefined) throw new Error("none issued");
    const hour = 3_600_000;
    const good = { ca: authority.certificate, address: "10.0.0.1", forMs: 47 * hour };
    expect(certificateHolds(issued, good)).toBe(true);
    expect(certificateHolds(issued, { ...good, ca: other.certificate })).toBe(false);
    expect(certificateHolds(issued, { ...good, address: "10.0.0.2" })).toBe(false);
    expect(certificateHolds(issued, { ...good, forMs: 49 * hour })).toBe(false);
    expect(certificateHolds({ ...issued, key: another.key }, good)).toBe(false);
    expect(certificateHolds({ certificate: "half", key: "" }, good)).toBe(false);
  });

  test("the authority's key is a file in memory only while it is used, also when its use fails", async () => {
    const parent = mkdtempSync(join(tmpdir(), "private-"));
    try {
      await expect(withPrivateFolder(async (folder) => Promise.reject(new Error(folder)), parent)).rejects.toThrow(parent);
      expect(readdirSync(parent)).toEqual([]);
      await expect(
        issueCertificates({ certificate: "no", key: "no" }, [{ program: "consul", role: "client", days: 1 }], tools),
      ).rejects.toThrow(/consul/);
    } finally {
      rmSync(parent, { recursive: true });
    }
  });
});
