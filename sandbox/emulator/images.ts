import { images } from "../../config/locks/images.ts";

/** A machine image as moto reads it (`MOTO_AMIS_PATH`). */
interface EmulatedImage {
  readonly ami_id: string;
  readonly name: string;
  readonly description: string;
  readonly owner_id: string;
  readonly public: boolean;
  readonly virtualization_type: string;
  readonly architecture: string;
  readonly hypervisor: string;
  readonly root_device_name: string;
  readonly root_device_type: string;
}

/** Debian's account on AWS: https://wiki.debian.org/Cloud/AmazonEC2Image */
const debianAccount = "136693071363";

/** The images of the lock, and no others: an id that a fleet uses without having locked it is refused, as on AWS. */
export function emulatedImages(): EmulatedImage[] {
  const found = new Map<string, EmulatedImage>();
  for (const regions of Object.values(images)) {
    for (const ids of Object.values(regions)) {
      for (const [arch, id] of Object.entries(ids)) {
        if (id === undefined) continue;
        found.set(id, {
          ami_id: id,
          name: `debian-13-${arch}`,
          description: "Debian 13",
          owner_id: debianAccount,
          public: true,
          virtualization_type: "hvm",
          architecture: arch === "amd64" ? "x86_64" : "arm64",
          hypervisor: "xen",
          root_device_name: "/dev/xvda",
          root_device_type: "ebs",
        });
      }
    }
  }
  return [...found.values()];
}
