import { randomUUID } from "node:crypto";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type AccessKey, type Emulator, type EmulatorProps, startEmulator } from "../../sandbox/emulator/emulator.ts";

/** Region of everything in the tests. */
export const testRegion = "us-east-1";

/**
 * The emulator of this test run: one for all test files, started when first asked for, no root needed. It ends with the
 * run, however that ends. Tests share its account, so they take names of their own (`uniqueName`).
 */
export const withEmulator = (): Promise<Emulator> => startTestEmulator("shared");

/** An emulator of its own for tests that look at the whole account or at moto without our fixes. Same name, same emulator. */
export function startTestEmulator(name: string, props: Pick<EmulatorProps, "without"> = {}): Promise<Emulator> {
  const stateFolder = join(tmpdir(), `edge-fleet-test-${process.pid}-${name}`);
  return startEmulator({ address: "127.0.0.1", port: 0, stateFolder, follow: process.pid, ...props });
}

export const uniqueName = (prefix: string): string => `${prefix}-${randomUUID().slice(0, 8)}`;

/** Settings of an AWS SDK client that calls the emulator. */
export function clientSettings(emulator: Emulator, credentials: AccessKey & { readonly sessionToken?: string } = emulator.deployer) {
  return { endpoint: emulator.endpoint, region: testRegion, credentials, maxAttempts: 1, forcePathStyle: true } as const;
}

/** Environment of a program that calls the emulator as the deployer: Terraform, a script. */
export function programEnvironment(emulator: Emulator): Record<string, string> {
  return {
    AWS_ENDPOINT_URL: emulator.endpoint,
    AWS_ACCESS_KEY_ID: emulator.deployer.accessKeyId,
    AWS_SECRET_ACCESS_KEY: emulator.deployer.secretAccessKey,
    AWS_REGION: testRegion,
    AWS_EC2_METADATA_DISABLED: "true",
  };
}
