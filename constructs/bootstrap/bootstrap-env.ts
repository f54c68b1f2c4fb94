import type { Architecture } from "../core/artefacts.ts";

/** Values of one machine: all that the node bundle, the same for every machine of a region, must be told. */
export interface UserDataProps {
  readonly environment: string;
  readonly region: string;
  readonly role: "server" | "client";
  /** Of a client. */
  readonly pool?: string;
  readonly arch: Architecture;
  readonly artefactBucket: string;
  readonly bundleSha256: string;
  /** Key of the manifest of mirrored releases. */
  readonly releasesKey: string;
  /** Servers that form the first quorum. */
  readonly serverCount: number;
  /** Name of the servers' secret; on servers. */
  readonly serverSecret?: string;
  /** Name of the pool's secret; on clients. */
  readonly poolSecret?: string;
}

/** File `/etc/platform/bootstrap.env`: read by shell scripts and by the agent. */
export function renderBootstrapEnv(props: UserDataProps): string {
  const values = {
    ENVIRONMENT: props.environment,
    REGION: props.region,
    ROLE: props.role,
    POOL: props.pool ?? "",
    ARTEFACT_BUCKET: props.artefactBucket,
    BUNDLE_SHA256: props.bundleSha256,
    RELEASES_KEY: props.releasesKey,
    ARCH: props.arch,
    SERVER_COUNT: String(props.serverCount),
    SERVER_SECRET: props.serverSecret ?? "",
    POOL_SECRET: props.poolSecret ?? "",
  };
  return Object.entries(values)
    .map(([key, value]) => `${key}=${quote(key, value)}\n`)
    .join("");
}

/** Single quotes, inside which the shell knows no special character but the quote itself. */
function quote(key: string, value: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is refused.
  if (/[\u0000-\u001f\u007f]/.test(value))
    throw new Error(`${key}: control character, got ${JSON.stringify(value)}; expected one line of text. Remove it`);
  return `'${value.replaceAll("'", `'\\''`)}'`;
}
