import { mkdirSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { S3Object } from "@cdktf/provider-aws/lib/s3-object/index.js";
import { App, AssetType, type ITerraformDependable, TerraformAsset, type TerraformProvider, TerraformStack } from "cdktf";
import { Construct } from "constructs";
import type { NodeBundle } from "../bootstrap/node-bundle.ts";
import { artefactKeys } from "../core/artefacts.ts";

export interface NodeBundleObjectProps {
  readonly provider: TerraformProvider;
  readonly bucket: string;
  readonly bundle: NodeBundle;
}

/** The node bundle in the artefact bucket, named by its content. */
export class NodeBundleObject extends Construct {
  /** Templates and groups wait for it. */
  readonly uploaded: ITerraformDependable;

  constructor(scope: Construct, id: string, props: NodeBundleObjectProps) {
    super(scope, id);
    const { bytes, sha256 } = props.bundle;
    // cdktf takes assets from files only; this one lies in its own output folder, one per stack.
    const folder = resolve(App.of(this).outdir, "node-bundles", TerraformStack.of(this).node.id);
    mkdirSync(folder, { recursive: true });
    const file = join(folder, "node-bundle.tar");
    writeFileSync(file, bytes);
    const asset = new TerraformAsset(this, "asset", { path: file, type: AssetType.FILE, assetHash: sha256 });
    this.uploaded = new S3Object(this, "object", {
      provider: props.provider,
      bucket: props.bucket,
      key: artefactKeys.bundle(sha256),
      source: asset.path,
      contentType: "application/x-tar",
      // The old one goes only after every group launches machines with the new one.
      lifecycle: { createBeforeDestroy: true },
    });
  }
}
