import { fileURLToPath } from 'node:url';
import { bundleInto } from './bundle.ts';
import { SERVICES } from './services.ts';

/** Builds what an image holds: `node services/local/build-main.ts FOLDER`. */
const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const folder = process.argv[2];
if (folder === undefined) {
  process.stderr.write('Usage: node services/local/build-main.ts FOLDER\n');
  process.exit(2);
}
await bundleInto(
  ROOT,
  [
    ...SERVICES.map(({ name }) => ({ in: `services/${name}/main.ts`, out: name })),
    { in: 'services/local/setup-main.ts', out: 'setup' },
    { in: 'services/local/is-heard-main.ts', out: 'is-heard' },
    { in: 'services/cli/main.ts', out: 'cli' },
  ],
  folder,
);
