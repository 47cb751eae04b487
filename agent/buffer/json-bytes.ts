// JSON with byte strings in it, as {"base64": …}; for our own records on disk.

export function toJson(value: unknown): string {
  return JSON.stringify(value, bytesAsText);
}

export function fromJson(text: string): unknown {
  return JSON.parse(text, (_, value: unknown) => {
    const isBytes = typeof value === 'object' && value !== null && 'base64' in value && typeof value.base64 === 'string';
    return isBytes ? new Uint8Array(Buffer.from(String(value.base64), 'base64')) : value;
  });
}

// Not an arrow: a Buffer's own toJSON has run before a replacer sees the value, so it is taken from the holder.
function bytesAsText(this: unknown, key: string, value: unknown): unknown {
  const held: unknown = typeof this === 'object' && this !== null ? Reflect.get(this, key) : value;
  if (!(held instanceof Uint8Array)) return value;
  return { base64: Buffer.from(held.buffer, held.byteOffset, held.length).toString('base64') };
}
