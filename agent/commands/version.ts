// The version of this program, told by --version, in Hello and in `status`. A test compares it with package.json, which a
// bundle does not have beside it.
export const version = '0.1.0';
