import { releases } from "../../../config/locks/releases.ts";
import { type NodeBundle, type NodeBundleProps, renderNodeBundle } from "../../../constructs/bootstrap/node-bundle.ts";

export const exampleProps: NodeBundleProps = {
  environment: "sandbox",
  region: "us-east-1",
  serverCount: 3,
  serverArch: "amd64",
  pools: {
    web: { arch: "amd64", ingress: true, domain: "apps.localhost" },
    workers: { arch: "arm64", ingress: false },
  },
  releases,
  agentProgram: "// agent\n",
};

export function exampleBundle(props: Partial<NodeBundleProps> = {}): NodeBundle {
  return renderNodeBundle({ ...exampleProps, ...props });
}
