/** One AWS API that machines call, where it is reached without internet, and who calls it. */
export interface MachineApi {
  /** Prefix of its actions in policies, and the service's name in the endpoint's. */
  readonly service: string;
  /** `gateway`: a route, without charge. `interface`: network interfaces, paid by the hour and zone. */
  readonly endpoint: "gateway" | "interface";
  readonly calledBy: string;
}

/**
 * Every AWS API that a machine calls. `egress: "endpoints"` makes an endpoint for each and no other way out, so a call
 * to an API that is missing here hangs on AWS; a test compares the list with the calls recorded from machines.
 * Credentials come from the machine's metadata service, which needs no endpoint.
 */
export const machineApis: readonly MachineApi[] = [
  {
    service: "s3",
    endpoint: "gateway",
    calledBy: "fetch-bundle.sh and install.sh (bundle, programs), the agent (index, declarations, components, status)",
  },
  {
    service: "secretsmanager",
    endpoint: "interface",
    calledBy: "the agent: bootstrap reads its role's secret and the first server writes it, the leader renews the pools'",
  },
  { service: "ec2", endpoint: "interface", calledBy: "the agent: finds the servers by their tags" },
];
