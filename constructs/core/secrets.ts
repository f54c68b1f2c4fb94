/**
 * Values in the secret containers of a region. Terraform makes the containers (`keep`), the first server's agent
 * writes the values, and each role can read its own container only.
 */

/** Container of the servers: whatever makes the cluster what it is. Only servers read it. */
export interface ServerSecret {
  /** PEM. One authority for Consul and Nomad of one region; names in the certificates tell the roles apart. */
  readonly caCertificate: string;
  readonly caKey: string;
  /** 32 bytes, base64. */
  readonly consulGossipKey: string;
  readonly nomadGossipKey: string;
  /** UUIDs, chosen here so that every server bootstraps the same ones. */
  readonly consulManagementToken: string;
  readonly nomadManagementToken: string;
  /** Token of the Consul agents on servers: node registration, leader lock, nothing else. */
  readonly consulServerToken: string;
  /** Instance that wrote it, for people who look for what happened. */
  readonly createdBy: string;
}

/** Container of one node pool: what its machines need to join, and no more. The leader keeps it fresh. */
export interface PoolSecret {
  readonly caCertificate: string;
  /** Client certificate and key for Nomad and Consul, issued for this pool, valid for days. */
  readonly nomadCertificate: string;
  readonly nomadKey: string;
  readonly consulCertificate: string;
  readonly consulKey: string;
  /** Consul's gossip needs the key on every member. */
  readonly consulGossipKey: string;
  /** Token of the Consul agent: may register this pool's nodes and write their own status key. */
  readonly consulToken: string;
  /** Introduction token for Nomad clients of this pool (Nomad >= 1.11), valid for hours. */
  readonly nomadIntroductionToken: string;
  /** Reads nodes, allocations and events; for the ingress and the node agent. */
  readonly nomadToken: string;
  /** ISO 8601, UTC: when the leader last issued it, and when the first part of it expires. */
  readonly issuedAt: string;
  readonly expiresAt: string;
}
