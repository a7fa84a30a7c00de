#!/usr/bin/env node
// The command `parley`, on any Node >= 20: the bootstrap goes on with the project's own Node, which runs main.ts.
process.argv.splice(2, 0, 'services/cli/main.ts');
await import(new URL('../local/bootstrap.mjs', import.meta.url).href);
