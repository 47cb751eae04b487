// A schema that was changed without generating again would test the wire against yesterday's messages.
import { expect, test } from 'vitest';
import { staleSchemas } from '../../scripts/generate.ts';

test('generated code is what the schemas give', async () => {
  expect(await staleSchemas()).toEqual([]);
});
