/** Where everything lies in a region's artefact bucket (a folder on metal). One place, so that policies, agents and commands agree. */
export const artefactKeys = {
  /** Released component, written by publishers, named by its content. */
  component: (sha256: string) => `components/${sha256}.wasm`,
  /** Native code of a component, written by the compile job's presigned request only. */
  compiled: (sha256: string, engine: string) => `compiled/${sha256}-${engine}.cwasm`,
  app: (name: string) => `apps/${name}/app.json`,
  release: (name: string) => `apps/${name}/release.json`,
  index: "apps/index.json",
  status: "status.json",
  /** Node bundle, named by its content. */
  bundle: (sha256: string) => `bundles/${sha256}.tar`,
  /** List of the mirrored binaries of one set of versions: `ReleasesManifest`. */
  releases: (versionsHash: string) => `releases/${versionsHash}.json`,
  /** One mirrored program, uncompressed and executable. */
  releaseFile: (name: string, version: string, arch: Architecture) => `releases/${name}/${version}/${arch}/${name}`,
} as const;

/** Prefixes for policies and listings. */
export const artefactPrefixes = {
  components: "components/",
  compiled: "compiled/",
  apps: "apps/",
  bundles: "bundles/",
  releases: "releases/",
} as const;

/** Debian's names, as Nomad, Consul and Node's arch `x64`/`arm64` map to them. */
export type Architecture = "amd64" | "arm64";

/** `releases/<versions hash>.json`: what machines verify their downloads against. */
export interface ReleasesManifest {
  /** Key in the bucket -> sha256 of the object. */
  readonly files: Readonly<Record<string, string>>;
}
