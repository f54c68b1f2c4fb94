import { DataAwsS3Objects } from "@cdktf/provider-aws/lib/data-aws-s3-objects/index.js";
import type { TerraformProvider } from "cdktf";
import { Construct } from "constructs";
import { type ReleasesLock, versionsHash } from "../../config/releases.ts";
import { artefactKeys } from "../core/artefacts.ts";

export interface MirroredReleasesProps {
  readonly provider: TerraformProvider;
  readonly environment: string;
  readonly bucket: string;
  readonly releases: ReleasesLock;
}

/**
 * The programs that machines fetch, as `fleet releases mirror` put them into the bucket. A listing and no object's
 * data source, because a missing object would fail with AWS's words instead of what to do.
 */
export class MirroredReleases extends Construct {
  /** Key of the manifest in the bucket. */
  readonly key: string;

  constructor(scope: Construct, id: string, props: MirroredReleasesProps) {
    super(scope, id);
    const { environment, bucket } = props;
    this.key = artefactKeys.releases(versionsHash(props.releases));
    new DataAwsS3Objects(this, "manifest", {
      provider: props.provider,
      bucket,
      prefix: this.key,
      maxKeys: 1,
      lifecycle: {
        postcondition: [
          {
            condition: `\${length(self.keys) == 1}`,
            errorMessage: `config/locks/releases.ts: the locked programs are not in the bucket of ${environment}, got no object ${this.key} in ${bucket}; expected what machines are to fetch. Run \`fleet releases mirror ${environment}\` first.`,
          },
        ],
      },
    });
  }
}
