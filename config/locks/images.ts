import type { ImagesLock } from "../images.ts";

/** Debian 13 everywhere. */
export const images: ImagesLock = {
  // Not Amazon's: the emulator is told to have this image, and its machines boot the Debian 13 tree of the sandbox.
  sandbox: { "us-east-1": { amd64: "ami-0edf1ee7deb130001", arm64: "ami-0edf1ee7deb130002" } },
  // No ids yet: they are looked up in the owner's account by `fleet images update exampleaws`.
  exampleaws: {},
};
