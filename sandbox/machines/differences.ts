import { emulatorEndpoint, gatewayAddress, metadataAddress, prefixLength } from "../addresses.ts";

/** A file that a machine of the sandbox has and an instance on EC2 has not, or not so. */
export interface Difference {
  /** Below the machine's root. */
  readonly path: string;
  readonly content?: string;
  /** Target of a symbolic link, instead of content. */
  readonly link?: string;
  /** Default: 0644. */
  readonly mode?: number;
  readonly reason: string;
}

export interface MachineIdentity {
  readonly hostname: string;
  /** 32 hex digits. */
  readonly machineId: string;
  /** The first is the machine's own. */
  readonly addresses: readonly string[];
}

/** All that differs between a machine here and an EC2 instance of the same tree, besides the kernel and devices. */
export function machineDifferences(machine: MachineIdentity): Difference[] {
  return [
    {
      path: "etc/machine-id",
      content: `${machine.machineId}\n`,
      reason: "EC2 makes it at first boot and keeps it; here systemd would take the same answer of the container manager for all",
    },
    {
      path: "etc/hostname",
      content: `${machine.hostname}\n`,
      reason: "EC2's DHCP names the host before cloud-init runs; there is no DHCP here",
    },
    {
      path: "etc/hosts",
      content: `127.0.0.1 localhost\n::1 localhost ip6-localhost\n${machine.addresses[0]} ${machine.hostname}\n`,
      reason: "EC2's resolver knows each machine's own name; there is no resolver here",
    },
    {
      path: "etc/systemd/network/10-host0.network",
      content: [
        "[Match]",
        "Name=host0",
        "[Network]",
        ...machine.addresses.map((address) => `Address=${address}/${prefixLength}`),
        `Gateway=${gatewayAddress}`,
        "LinkLocalAddressing=no",
        "IPv6AcceptRA=no",
        "LLDP=no",
        "",
      ].join("\n"),
      reason: "EC2 gives the address by DHCP; here it is the one that the emulator chose",
    },
    {
      path: "etc/systemd/system/sandbox-address.service",
      content: [
        "[Unit]",
        "DefaultDependencies=no",
        "Before=cloud-init-local.service systemd-networkd.service sysinit.target",
        "[Service]",
        "Type=oneshot",
        "RemainAfterExit=yes",
        "ExecStart=ip link set host0 up",
        ...machine.addresses.map((address) => `ExecStart=ip address replace ${address}/${prefixLength} dev host0`),
        `ExecStart=ip route replace default via ${gatewayAddress}`,
        "",
      ].join("\n"),
      reason: "cloud-init asks EC2's metadata service before the network is set up, with a lease of its own; here with this address",
    },
    {
      path: "etc/systemd/system/sysinit.target.wants/sandbox-address.service",
      link: "../sandbox-address.service",
      reason: "starts the service that sets the address",
    },
    {
      path: "etc/resolv.conf",
      link: "/run/systemd/resolve/stub-resolv.conf",
      reason: "as on EC2, but systemd-resolved has no server to ask, so that a name fails at once instead of after 30 s",
    },
    {
      path: "etc/systemd/resolved.conf.d/50-sandbox.conf",
      content: "[Resolve]\nDNS=\nFallbackDNS=\nLLMNR=no\nMulticastDNS=no\n",
      reason: "no resolver in the sandbox; a fallback server outside could not be reached",
    },
    {
      path: "etc/systemd/system.conf.d/50-sandbox.conf",
      content: `[Manager]\nDefaultEnvironment=AWS_ENDPOINT_URL=${emulatorEndpoint}\n`,
      reason: "AWS programs find the API by DNS; here each service, cloud-init's scripts too, gets the emulator's address",
    },
    {
      path: "etc/cloud/cloud.cfg.d/99-sandbox.cfg",
      content: [
        "datasource_list: [ Ec2 ]",
        "datasource:",
        "  Ec2:",
        `    metadata_urls: [ "http://${metadataAddress}" ]`,
        "network: {config: disabled}",
        "updates: {network: {when: [boot-new-instance]}}",
        "ssh_genkeytypes: []",
        "",
      ].join("\n"),
      reason: "no resolver knows the service's other name, the network is set above, no devices are plugged in, no SSH server is installed",
    },
    {
      path: "usr/sbin/dhcpcd",
      content: "",
      reason: "without a DHCP client cloud-init takes the address that is there, instead of waiting for a lease",
    },
    {
      path: "etc/systemd/system/nomad.service.d/50-sandbox.conf",
      content: "[Service]\nExecStartPre=+/usr/local/lib/edge-fleet-sandbox/writable-cgroups\n",
      reason: "on a host with cgroup version 1 a container sees its own cgroups read-only, and Nomad's client refuses to start",
    },
    {
      path: "usr/local/lib/edge-fleet-sandbox/writable-cgroups",
      mode: 0o755,
      content: [
        "#!/bin/sh",
        "# cgroup version 2: the container's part is writable already.",
        "set -eu",
        "[ -f /sys/fs/cgroup/cgroup.controllers ] && exit 0",
        "mount -o remount,bind,rw /sys/fs/cgroup",
        "for controller in freezer blkio memory pids devices cpu cpuset cpuacct; do",
        '  if [ -d "/sys/fs/cgroup/$controller" ]; then mount -o remount,bind,rw "/sys/fs/cgroup/$controller"; fi',
        "done",
        "",
      ].join("\n"),
      reason: "makes a machine's own version 1 cgroups writable for Nomad's client, as they are on an instance",
    },
    ...["apt-daily.timer", "apt-daily-upgrade.timer", "fstrim.timer", "dpkg-db-backup.timer"].map((unit) => ({
      path: `etc/systemd/system/${unit}`,
      link: "/dev/null",
      reason: "updates and disk care belong to a real machine; here they take CPU from all others at the same minute",
    })),
    ...["systemd-udevd.service", "systemd-pstore.service", "getty@tty1.service", "console-getty.service"].map((unit) => ({
      path: `etc/systemd/system/${unit}`,
      link: "/dev/null",
      reason: "a container has no devices and no console to log in at",
    })),
  ];
}
