import { core } from './core.ts';
import { decision } from './decision.ts';
import { ingress } from './ingress.ts';
import { rules } from './rules.ts';
import { startup } from './startup.ts';

/** Each benchmark gives its figures beside a floor measured in the same run, so that they mean something on any machine. */
const BENCHES = { startup, decision, core, rules, ingress } as const;

const HELP = `Benchmarks. Each prints one JSON object: {name, floor, ours, ratio, ...}.

  npm run bench -- startup     cold and warm start of the whole system, start of each service
  npm run bench -- decision    webhook to decision at 10 webhooks a second
  npm run bench -- core        detecting and resolving with the shipped rules, by claims in the index
  npm run bench -- rules       forty rules beside other engines; reload of 200 files
  npm run bench -- ingress     webhooks a second at 1, 16 and 64 connections, beside a bare server with one insert each
  npm run bench -- all
`;

const wanted = process.argv.slice(2).filter((word) => !word.startsWith('-'));
const names = wanted.includes('all') ? Object.keys(BENCHES) : wanted;
const unknown = names.filter((name) => !(name in BENCHES));
if (names.length === 0 || unknown.length > 0) {
  process.stderr.write(unknown.length > 0 ? `No such benchmark: ${unknown.join(', ')}\n\n${HELP}` : HELP);
  process.exit(names.length === 0 && process.argv.includes('--help') ? 0 : 2);
}
for (const name of names) process.stdout.write(`${JSON.stringify(await BENCHES[name as keyof typeof BENCHES]())}\n`);
process.exit(0);
