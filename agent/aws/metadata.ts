/** The machine's metadata service, version 2 only: https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/configuring-instance-metadata-service.html */
export interface MetadataService {
  /** Text below `/latest/meta-data/`. Rejects when it is not there. */
  get(path: string): Promise<string>;
}

export interface MetadataOptions {
  /** Default `http://169.254.169.254`. */
  readonly endpoint?: string;
  /** Longest time for one answer, in milliseconds. Default 2,000: it is on the machine's own host. */
  readonly timeoutMs?: number;
}

const sessionSeconds = 21_600;

export function metadataService({ endpoint = "http://169.254.169.254", timeoutMs = 2000 }: MetadataOptions = {}): MetadataService {
  let session: { readonly token: Promise<string>; readonly renewAt: number } | undefined;
  const send = async (path: string, init: RequestInit): Promise<string> => {
    const response = await fetch(`${endpoint}/latest/${path}`, { ...init, signal: AbortSignal.timeout(timeoutMs) });
    const text = await response.text();
    if (!response.ok) throw new Error(`metadata ${path}: got status ${response.status}; expected 200`);
    return text;
  };
  const token = (): Promise<string> => {
    if (session === undefined || Date.now() > session.renewAt) {
      const asked = send("api/token", { method: "PUT", headers: { "x-aws-ec2-metadata-token-ttl-seconds": String(sessionSeconds) } });
      session = { token: asked, renewAt: Date.now() + (sessionSeconds / 2) * 1000 };
      asked.catch(() => {
        session = undefined;
      });
    }
    return session.token;
  };
  return { get: async (path) => send(`meta-data/${path}`, { headers: { "x-aws-ec2-metadata-token": await token() } }) };
}

export interface InstanceCredentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken: string;
  readonly expiration: Date;
}

/**
 * Credentials of the machine's role, for the SDK's `credentials`, which asks again before they expire. Asked for
 * directly, because the SDK's default chain first looks in five places that no machine of ours has.
 */
export function instanceCredentials(metadata: MetadataService): () => Promise<InstanceCredentials> {
  return async () => {
    const folder = "iam/security-credentials/";
    const role = (await metadata.get(folder)).trim();
    const given = JSON.parse(await metadata.get(`${folder}${role}`)) as Record<string, unknown>;
    const text = (key: string): string => {
      const value = given[key];
      if (typeof value !== "string") throw new Error(`metadata ${folder}${role}: no ${key}, got ${typeof value}; expected text`);
      return value;
    };
    return {
      accessKeyId: text("AccessKeyId"),
      secretAccessKey: text("SecretAccessKey"),
      sessionToken: text("Token"),
      expiration: new Date(text("Expiration")),
    };
  };
}
