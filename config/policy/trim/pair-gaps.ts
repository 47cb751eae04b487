// What stands between key=value pairs. Blanks go with a pair that is cut; what divides a line into records and parts (line
// feeds of joined records, the 0x1D before what auditd adds) stays, or the pairs behind it would belong to another record.

export function isBlank(c: number): boolean {
  return c === 0x20 || c === 0x09;
}

export function isDivider(c: number): boolean {
  return c === 0x0a || c === 0x0d || c === 0x1d;
}

export function isGap(c: number): boolean {
  return isBlank(c) || isDivider(c);
}
