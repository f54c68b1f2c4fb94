import { createHash } from "node:crypto";
import { mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseTar } from "nanotar";
import { describe, expect, test } from "vitest";
import { releases } from "../../config/locks/releases.ts";
import { renderUserData } from "../../constructs/bootstrap/user-data.ts";
import { artefactKeys } from "../../constructs/core/artefacts.ts";
import { exampleBundle, exampleProps } from "./support/example-bundle.ts";

const rendered = fileURLToPath(new URL("./rendered", import.meta.url));

describe("renderNodeBundle", () => {
  test("the same props give the same bytes, in whatever order pools are named", () => {
    const { web, workers } = exampleProps.pools;
    if (web === undefined || workers === undefined) throw new Error("example: no pools");
    const one = exampleBundle({ pools: { web, workers } });
    const two = exampleBundle({ pools: { workers, web } });
    expect(two.sha256).toBe(one.sha256);
    expect(one.sha256).toBe(createHash("sha256").update(one.bytes).digest("hex"));
    expect(exampleBundle({ serverCount: 5 }).sha256).not.toBe(one.sha256);
    expect(exampleBundle({ agentProgram: "// other\n" }).sha256).not.toBe(one.sha256);
  });

  test("the archive holds exactly the files, of root, with their modes and no time", () => {
    const bundle = exampleBundle();
    const items = parseTar<{ data?: Uint8Array }>(bundle.bytes) as {
      name: string;
      text: string;
      attrs: { mode: string; uid: number; gid: number; mtime: number };
    }[];
    expect(items.map(({ name, text }) => [name, text])).toEqual(Object.entries(bundle.files).map(([path, { content }]) => [path, content]));
    for (const { name, attrs } of items) {
      expect(attrs).toMatchObject({ uid: 0, gid: 0, mtime: 0 });
      expect(Number.parseInt(attrs.mode, 8)).toBe(name.endsWith(".sh") ? 0o755 : 0o644);
    }
  });

  test("names the programs of each role by the lock's versions and the pool's architecture, the first needed first", () => {
    const list = (role: string) => exampleBundle().files[`roles/${role}/programs`]?.content.trim().split("\n");
    const at = (program: keyof typeof releases, arch: "amd64" | "arm64") =>
      `${program} ${artefactKeys.releaseFile(program, releases[program].version, arch)}`;
    expect(list("server")).toEqual([at("node", "amd64"), at("nomad", "amd64"), at("consul", "amd64")]);
    expect(list("pool-workers")).toEqual(
      (["node", "nomad", "consul", "app-host", "app-compile"] as const).map((program) => at(program, "arm64")),
    );
    expect(list("pool-web")?.at(-1)).toBe(at("traefik", "amd64"));
  });

  test("a task's root is the loader's and libraries' of its pool's architecture", () => {
    const root = (role: string) =>
      JSON.parse(exampleBundle().files[`roles/${role}/root/etc/nomad.d/10-static.json`]?.content ?? "").client.chroot_env;
    expect(root("pool-web")).toMatchObject({ "/usr/lib/x86_64-linux-gnu/ld-linux-x86-64.so.2": "/lib64/ld-linux-x86-64.so.2" });
    expect(root("pool-workers")).toMatchObject({ "/usr/lib/aarch64-linux-gnu/ld-linux-aarch64.so.1": "/lib/ld-linux-aarch64.so.1" });
    expect(JSON.stringify(root("pool-workers"))).not.toContain("x86");
  });

  test("only pools with ingress run Traefik, and nothing of a server reaches a client", () => {
    const paths = Object.keys(exampleBundle().files);
    expect(paths.filter((path) => path.includes("traefik"))).toEqual([
      "roles/pool-web/root/etc/systemd/system/traefik.service",
      "roles/pool-web/root/etc/traefik/traefik.yml",
    ]);
    const clients = Object.entries(exampleBundle().files).filter(([path]) => path.startsWith("roles/pool-"));
    expect(clients.filter(([, { content }]) => /bootstrap_expect|"server": true/.test(content))).toEqual([]);
  });

  test("refuses a pool's name that is no folder's name, and a path that a tar would cut", () => {
    const pool = { arch: "amd64", ingress: false } as const;
    expect(() => exampleBundle({ pools: { "../x": pool } })).toThrow(
      'pools: not a pool\'s name, got "../x"; expected /^[a-z][a-z0-9-]*$/. Rename it',
    );
    expect(() => exampleBundle({ pools: { ["p".repeat(60)]: pool } })).toThrow(
      /^roles\/pool-p+\/\S+: too long for a tar, got 1\d\d bytes; expected at most 99\. Shorten the pool's name$/,
    );
  });

  /** Reviewers see what a machine will run. `UPDATE_RENDERED=1 npx vitest run test/bootstrap` writes them anew. */
  test("renders the server and the web client as reviewed", () => {
    const now: Record<string, string> = {};
    for (const role of ["server", "pool-web"])
      for (const [path, { content }] of Object.entries(exampleBundle().files))
        if (path.startsWith(`roles/${role}/`)) now[`${role}/${path.slice(`roles/${role}/`.length)}`] = content;
    const shared = {
      ...exampleProps,
      arch: "amd64",
      artefactBucket: "sandbox-us-east-1-artefacts-000000000000",
      bundleSha256: "0".repeat(64),
      releasesKey: "releases/0123456789abcdef.json",
    } as const;
    now["server/user-data.yaml"] = renderUserData({ ...shared, role: "server", serverSecret: "sandbox/servers" });
    now["pool-web/user-data.yaml"] = renderUserData({ ...shared, role: "client", pool: "web", poolSecret: "sandbox/pool-web" });
    if (process.env.UPDATE_RENDERED !== undefined)
      for (const [path, content] of Object.entries(now)) {
        mkdirSync(dirname(join(rendered, path)), { recursive: true });
        writeFileSync(join(rendered, path), content);
      }
    const reviewed = Object.fromEntries(filesBelow(rendered).map((path) => [path, readFileSync(join(rendered, path), "utf8")]));
    expect(now).toEqual(reviewed);
  });
});

function filesBelow(folder: string, prefix = ""): string[] {
  return readdirSync(join(folder, prefix)).flatMap((name) => {
    const path = join(prefix, name);
    return statSync(join(folder, path)).isDirectory() ? filesBelow(folder, path) : [path];
  });
}
