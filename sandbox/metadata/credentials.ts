import { GetInstanceProfileCommand, type IAMClient } from "@aws-sdk/client-iam";
import { AssumeRoleCommand, type STSClient } from "@aws-sdk/client-sts";

/** Short-lived credentials of an instance's role, as the metadata service hands them out. */
export interface RoleCredentials {
  readonly roleName: string;
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken: string;
  /** ISO 8601, UTC, whole seconds. */
  readonly issuedAt: string;
  readonly expiresAt: string;
}

/** An hour, the shortest that every role allows. */
const lifetimeSeconds = 3600;
/** Programs renew five minutes before the end; EC2 has newer ones ready by then. */
const renewBeforeMs = 15 * 60_000;

/** Credentials of the machines' roles, kept until shortly before their end. */
export class RoleCredentialsCache {
  private readonly kept = new Map<string, Promise<RoleCredentials>>();

  constructor(
    private readonly iam: IAMClient,
    private readonly sts: STSClient,
    private readonly now: () => number = Date.now,
  ) {}

  /** Credentials of the role in a profile, for one instance: its id is the session's name, as on EC2. */
  async get(instanceId: string, profile: string): Promise<RoleCredentials> {
    const key = `${instanceId} ${profile}`;
    const kept = await this.kept.get(key)?.catch(() => undefined);
    if (kept !== undefined && Date.parse(kept.expiresAt) - this.now() > renewBeforeMs) return kept;
    const fresh = this.assume(instanceId, profile);
    this.kept.set(key, fresh);
    return fresh;
  }

  /** Forgets an instance that has ended. */
  forget(instanceId: string): void {
    for (const key of this.kept.keys()) if (key.startsWith(`${instanceId} `)) this.kept.delete(key);
  }

  private async assume(instanceId: string, profile: string): Promise<RoleCredentials> {
    const { InstanceProfile } = await this.iam.send(new GetInstanceProfileCommand({ InstanceProfileName: profile }));
    const role = InstanceProfile?.Roles?.[0];
    if (role?.Arn === undefined || role.RoleName === undefined)
      throw new Error(`instance profile ${profile}: has no role, got none; expected one. Add the role to the profile`);
    const { Credentials } = await this.sts.send(
      new AssumeRoleCommand({ RoleArn: role.Arn, RoleSessionName: instanceId, DurationSeconds: lifetimeSeconds }),
    );
    const { AccessKeyId, SecretAccessKey, SessionToken, Expiration } = Credentials ?? {};
    if (AccessKeyId === undefined || SecretAccessKey === undefined || SessionToken === undefined || Expiration === undefined)
      throw new Error(`role ${role.RoleName}: got no credentials; expected them from sts:AssumeRole`);
    const seconds = (time: number) => new Date(time).toISOString().replace(/\.\d+Z$/, "Z");
    return {
      roleName: role.RoleName,
      accessKeyId: AccessKeyId,
      secretAccessKey: SecretAccessKey,
      sessionToken: SessionToken,
      issuedAt: seconds(this.now()),
      expiresAt: seconds(Expiration.getTime()),
    };
  }
}
