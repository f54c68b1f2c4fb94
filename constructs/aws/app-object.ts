import { S3Object } from "@cdktf/provider-aws/lib/s3-object/index.js";
import type { TerraformProvider } from "cdktf";
import { Construct } from "constructs";
import type { AppDeclaration } from "../core/app.ts";
import { artefactKeys } from "../core/artefacts.ts";

export interface AppObjectProps {
  readonly provider: TerraformProvider;
  readonly bucket: string;
  readonly app: AppDeclaration;
}

/** An app's declaration in the artefact bucket: the agents make the nodes match it. */
export class AppObject extends Construct {
  constructor(scope: Construct, id: string, props: AppObjectProps) {
    super(scope, id);
    const { name, pool, routes, memoryMb, requestTimeoutMs, concurrency, outboundHosts, env } = props.app;
    const document: AppDeclaration = { name, pool, routes, memoryMb, requestTimeoutMs, concurrency, outboundHosts, env };
    new S3Object(this, "object", {
      provider: props.provider,
      bucket: props.bucket,
      key: artefactKeys.app(name),
      content: withoutTemplates(`${JSON.stringify(document, undefined, 2)}\n`),
      contentType: "application/json",
    });
  }
}

/** Text that Terraform takes as it is: an app's variable may hold what Terraform would read as a template. */
function withoutTemplates(text: string): string {
  return text.replace(/[$%](?=\{)/g, (sign) => sign + sign);
}
