import { CreateBucketCommand } from "@aws-sdk/client-s3";
import { type AwsClients, awsClients } from "../../../cli/aws.ts";
import { programEnvironment, testRegion, uniqueName, withEmulator } from "../../support/emulator.ts";

/** Clients as the commands make them, for the emulator of this run. */
export async function emulatorClients(): Promise<AwsClients> {
  return awsClients(programEnvironment(await withEmulator()), testRegion);
}

export async function newBucket({ s3 }: AwsClients, prefix: string): Promise<string> {
  const bucket = uniqueName(prefix);
  await s3.send(new CreateBucketCommand({ Bucket: bucket }));
  return bucket;
}
