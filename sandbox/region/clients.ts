import { AutoScalingClient } from "@aws-sdk/client-auto-scaling";
import { EC2Client } from "@aws-sdk/client-ec2";
import { ElasticLoadBalancingV2Client } from "@aws-sdk/client-elastic-load-balancing-v2";
import { IAMClient } from "@aws-sdk/client-iam";
import { STSClient } from "@aws-sdk/client-sts";

export interface RegionClients {
  readonly ec2: EC2Client;
  readonly autoscaling: AutoScalingClient;
  readonly balancers: ElasticLoadBalancingV2Client;
  readonly iam: IAMClient;
  readonly sts: STSClient;
}

export interface RegionClientsProps {
  readonly region: string;
  readonly endpoint: string;
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
}

/** Clients of the emulator's API. One try each: whoever asks every second tries again anyway. */
export function regionClients({ region, endpoint, accessKeyId, secretAccessKey }: RegionClientsProps): RegionClients {
  const settings = { region, endpoint, maxAttempts: 1, credentials: { accessKeyId, secretAccessKey } };
  return {
    ec2: new EC2Client(settings),
    autoscaling: new AutoScalingClient(settings),
    balancers: new ElasticLoadBalancingV2Client(settings),
    iam: new IAMClient(settings),
    sts: new STSClient(settings),
  };
}
