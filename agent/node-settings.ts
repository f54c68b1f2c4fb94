import { readFileSync } from "node:fs";
import { paths } from "../constructs/bootstrap/layout.ts";
import type { Architecture } from "../constructs/core/artefacts.ts";

interface SharedSettings {
  readonly environment: string;
  readonly region: string;
  readonly arch: Architecture;
  readonly artefactBucket: string;
  /** 64 hex digits: the bundle this machine runs. */
  readonly bundleSha256: string;
  /** Key of the manifest of mirrored releases. */
  readonly releasesKey: string;
  /** Servers of a healthy cluster. */
  readonly serverCount: number;
}

/** What Terraform told this machine. */
export type NodeSettings = ServerSettings | ClientSettings;

export interface ServerSettings extends SharedSettings {
  readonly role: "server";
  /** Name of the servers' secret. */
  readonly serverSecret: string;
}

export interface ClientSettings extends SharedSettings {
  readonly role: "client";
  readonly pool: string;
  /** Name of this pool's secret. */
  readonly poolSecret: string;
}

/** Reads `/etc/platform/bootstrap.env`. All problems are reported at once. */
export function readNodeSettings(file: string = paths.bootstrapEnv): NodeSettings {
  let text: string;
  try {
    text = readFileSync(file, "utf8");
  } catch (error) {
    throw new Error(`${file}: not readable; expected what the user data writes. This program runs on a machine that booted from it`, {
      cause: error,
    });
  }
  return parseNodeSettings(text, file);
}

export function parseNodeSettings(text: string, file: string): NodeSettings {
  const problems: string[] = [];
  const values = parseAssignments(text, problems);
  const take = (key: string, allowed: RegExp, expected: string): string => {
    const value = values.get(key) ?? "";
    if (!allowed.test(value)) problems.push(`${key}: not valid, got ${JSON.stringify(value)}; expected ${expected}`);
    return value;
  };
  const role = take("ROLE", /^(server|client)$/, "server or client");
  const shared = {
    environment: take("ENVIRONMENT", /^[a-z][a-z0-9]{1,15}$/, "an environment's name"),
    region: take("REGION", /^[a-z][a-z0-9-]+$/, "a region's name"),
    arch: take("ARCH", /^(amd64|arm64)$/, "amd64 or arm64") as Architecture,
    artefactBucket: take("ARTEFACT_BUCKET", /^[a-z0-9][a-z0-9.-]+$/, "a bucket's name"),
    bundleSha256: take("BUNDLE_SHA256", /^[0-9a-f]{64}$/, "64 hex digits"),
    releasesKey: take("RELEASES_KEY", /^[\w./-]+$/, "a key in the bucket"),
    serverCount: Number(take("SERVER_COUNT", /^[1-9][0-9]?$/, "a number of servers")),
  };
  const settings: NodeSettings =
    role === "client"
      ? {
          ...shared,
          role,
          pool: take("POOL", /^[a-z][a-z0-9-]*$/, "a pool's name"),
          poolSecret: take("POOL_SECRET", /^[\w/+=.@-]+$/, "a secret's name"),
        }
      : { ...shared, role: "server", serverSecret: take("SERVER_SECRET", /^[\w/+=.@-]+$/, "a secret's name") };
  if (problems.length > 0) throw new Error(problems.map((problem) => `${file}: ${problem}. Replace this machine`).join("\n"));
  return settings;
}

/** `KEY='value'` a line, as `renderBootstrapEnv` writes it: a quote in a value is `'\''`. */
function parseAssignments(text: string, problems: string[]): Map<string, string> {
  const values = new Map<string, string>();
  for (const line of text.split("\n").filter((each) => each !== "")) {
    const [, key, quoted] = /^([A-Z][A-Z0-9_]*)=((?:'[^']*'|\\')+)$/.exec(line) ?? [];
    if (key === undefined || quoted === undefined)
      problems.push(`line: not an assignment, got ${JSON.stringify(line)}; expected KEY='value'`);
    else
      values.set(
        key,
        quoted.replaceAll(/'([^']*)'|\\'/g, (_match, inside: string | undefined) => inside ?? "'"),
      );
  }
  return values;
}
